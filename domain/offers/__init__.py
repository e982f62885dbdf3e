"""Exclusive offers: a partner's discount for one customer, its review, its life, its link."""
