"""Partners of the channel."""
