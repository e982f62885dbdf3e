"""Programmes and certification: what partners may join, on which conditions, and what they sign."""
