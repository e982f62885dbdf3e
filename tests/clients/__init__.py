"""Typed clients, made from the schema by other people's tools."""
