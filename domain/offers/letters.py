"""The mail about a special commercial application (X-05), and where it goes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from domain.notifications import mail
from kit import ratios
from models.offers import ExclusiveOffer, SpecialApplication
from models.partners import Partner, Site

_operations_mailbox = "operations@localhost"


def configure(*, operations_mailbox: str) -> None:
    """Say who reads applications of partners whose direct-sales account nobody knows."""
    global _operations_mailbox
    _operations_mailbox = operations_mailbox


def mailbox_of(partner: Partner) -> str:
    """The partner's direct-sales account, else the operations mailbox."""
    return partner.direct_sales_email or _operations_mailbox


async def send_application(
    application: SpecialApplication,
    *,
    offer: ExclusiveOffer,
    partner: Partner,
    floors: Sequence[tuple[str, Decimal]],
    now: datetime,
) -> None:
    """Tell whoever has to bring it into the CRM. `floors`: goods, and what is authorized for them.

    Mailboxes have no language; they read that of the partner's site.
    """
    is_chinese = partner.site is Site.CHINA
    await mail.queue(
        "special_application",
        recipient=application.sent_to,
        locale="zh" if is_chinese else "en",
        facts={
            "partner": partner.name if is_chinese else partner.name_en or partner.name,
            "number": offer.number,
            "account_name": offer.account_name,
            "discount": _percent(offer.discount),
            "goods": [{"name": name, "floor": _percent(floor)} for name, floor in floors],
            "effective_at": offer.effective_at.isoformat(),
            "expires_at": offer.expires_at.isoformat(),
            "reason": application.reason,
        },
        dedupe_key=_key_of(application),
        tenant_id=partner.id,
        now=now,
    )


async def recall_application(application: SpecialApplication) -> None:
    """Don't bother anybody with what was taken back, if the mail is still here."""
    await mail.recall(dedupe_key=_key_of(application))


def _percent(share: Decimal) -> str:
    return f"{ratios.written(share * 100)} %"


def _key_of(application: SpecialApplication) -> str:
    return f"special_application.sent:{application.id}"
