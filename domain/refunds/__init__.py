"""Refunds: what is given back of an order that was paid, by which rule, and how much."""
