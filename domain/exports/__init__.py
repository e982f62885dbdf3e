"""Exports: a list as a file, made by a worker, with nothing in it that its creator may not see."""
