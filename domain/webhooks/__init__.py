"""Webhooks: a partner's own systems are told what stands in its log, by the Standard Webhooks."""
