"""Statements (账单): their way from review to payment, with invoices and disputes."""
