"""Incentives (激励): what performance earns by policy, confirmed, applied for, and paid."""
