"""Consumption: what was spent, by month; usage; what partners are told of it."""
