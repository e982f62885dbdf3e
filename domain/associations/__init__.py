"""How customers come to a partner, change the way they belong to it, and leave (关联)."""
