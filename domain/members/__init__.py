"""Members of a partner: invited, linked, made specialists, unlinked (M-01…M-05, domain.md 5.2)."""
