"""Incentives (激励): what performance earns under which policy, and how it is applied for."""
