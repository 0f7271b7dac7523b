"""What has consequences, and therefore needs a permit."""
