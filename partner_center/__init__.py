"""The composition root: the ASGI app, the command line, the settings, the embedded servers."""

__version__ = "0.1.0"
