"""How a partner is called, in the language of who reads it."""

from models.partners import Partner


def called(partner: Partner, locale: str) -> str:
    """Its registered name for Chinese readers; for others the English one, where it has one."""
    return partner.name if locale.startswith("zh") else partner.name_en or partner.name
