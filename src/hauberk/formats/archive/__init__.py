"""Files that hold other files, and packed streams: where everything lies, and what two readers see differently."""
