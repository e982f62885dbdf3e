"""Invoices of partners: what makes one right, and that each covers one thing alone (S-12, S-20)."""
