"""What a partner says of itself, and may change itself: all but what the platform has verified."""

import re
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity import permissions, tenants
from domain.identity.viewer import Viewer
from kit.addresses import mail_address
from kit.problems import InvalidInput, VersionConflict
from kit.transaction import transactional
from models.partners import Partner

LONGEST_NAME = 160
LONGEST_CITY = 80

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,29}[0-9]")
_EDITED = ("name_en", "city", "contact_name", "contact_email", "contact_phone")


@transactional
async def edit(
    *,
    viewer: Viewer,
    partner_id: UUID | None = None,
    expected_version: int,
    name_en: str | None,
    city: str | None,
    contact_name: str | None,
    contact_email: str | None,
    contact_phone: str | None,
    now: datetime,
) -> Partner:
    """Write the profile anew; None is "none". Name, kind, tier and founding day aren't in it.

    The viewer's own partner, or the one that the platform names. Raises VersionConflict,
    InvalidInput.
    """
    permissions.require(viewer, "partnerProfileEdit")
    partner = await tenants.locked(viewer, partner_id)
    if partner.version != expected_version:
        raise VersionConflict(current=partner.version)
    before = {name: getattr(partner, name) for name in _EDITED}
    partner.name_en = _text(name_en, "nameEn", LONGEST_NAME)
    partner.city = _text(city, "city", LONGEST_CITY)
    partner.contact_name = _text(contact_name, "contactName", LONGEST_NAME)
    partner.contact_email = (
        mail_address(contact_email, path=("input", "contactEmail")) if contact_email else None
    )
    partner.contact_phone = _phone(contact_phone)
    partner.version += 1
    await partner.save(update_fields=[*_EDITED, "version"])
    changed = [name for name in _EDITED if getattr(partner, name) != before[name]]
    await events.record(
        "partner.edited",
        actor=viewer,
        subject_type="partner",
        subject_id=partner.id,
        tenant_id=partner.id,
        at=now,
        before={name: _told(name, before[name]) for name in changed},
        after={name: _told(name, getattr(partner, name)) for name in changed},
    )
    return partner


def _told(name: str, value: str | None) -> str | None:
    # Events are seen by more people than a contact's phone number is.
    return "***" if value and name in ("contact_email", "contact_phone") else value


def _text(text: str | None, field: str, longest: int) -> str | None:
    text = (text or "").strip() or None
    if text is not None and (len(text) > longest or not text.isprintable()):
        raise InvalidInput(
            reason=f"At most {longest} characters on one line.",
            reason_zh=f"不能超过 {longest} 个字符,且不能换行。",
            path=("input", field),
        )
    return text


def _phone(phone: str | None) -> str | None:
    phone = (phone or "").strip() or None
    if phone is not None and _PHONE.fullmatch(phone) is None:
        raise InvalidInput(
            reason="A phone number has digits, blanks and hyphens, and perhaps a leading +.",
            reason_zh="电话号码格式无效。",
            path=("input", "contactPhone"),
        )
    return phone
