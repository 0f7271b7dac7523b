"""What answers other programs over the network."""
