"""Customers: companies and persons that buy."""
