"""Sandboxes: deployments whose business time people may move, to see what falls due."""
