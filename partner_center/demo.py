"""The demo: partners and what happened to them, told through the workflows.

The stories are always the same; only their times follow the clock, so that what is open now is
open now. Everything is one transaction: half a demo is never seen.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from unicodedata import east_asian_width

from domain.identity import passwords, presets
from domain.programmes import catalogue
from kit import clock, database
from kit.transaction import transactional
from models.partners import Partner
from partner_center import (
    demo_books,
    demo_catalogue,
    demo_changes,
    demo_consumption,
    demo_customers,
    demo_doubts,
    demo_exports,
    demo_fulfilment,
    demo_funds,
    demo_inbox,
    demo_incentives,
    demo_offers,
    demo_orders,
    demo_paid_month,
    demo_people,
    demo_programmes,
    demo_requirements,
    demo_settlement,
    demo_stories,
    demo_systems,
    demo_vouchers,
    demo_webhooks,
    receiver,
    startup,
)
from partner_center.demo_names import COMPANIES
from partner_center.settings import Settings

PASSWORD = "demo-partner-center"

_LOADING = 0x64656D6F  # the advisory lock that one loading process at a time holds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """A way into the demo."""

    label: str
    email: str
    password: str = PASSWORD


def accounts() -> list[Account]:
    """Who one can sign in as, and what for."""
    return [Account(label, email) for label, email in demo_people.SIGN_INS]


async def load(settings: Settings) -> list[str]:
    """Load the demo unless it is there; give back the lines that tell how to sign in."""
    await startup.open_database(settings)
    try:
        await fill(
            has_mail_server=settings.smtp_url is not None,
            receiver_url=f"{settings.public_url.rstrip('/')}{receiver.PATH}/demo"
            if settings.webhooks_to_loopback
            else None,
            now=await clock.now(),
        )
    finally:
        await startup.close()
    return [
        f"{_padded(account.label, 34)} {account.email:<28} {account.password}"
        for account in accounts()
    ]


@transactional
async def fill(*, has_mail_server: bool, receiver_url: str | None = None, now: datetime) -> None:
    """Let the demo happen in the open database, unless it has."""
    await database.row("select pg_advisory_xact_lock($1)", _LOADING)
    if await Partner.exists(account_name=COMPANIES[0].account):
        return
    started = asyncio.get_running_loop().time()
    await presets.ensure_presets(now=now)
    await catalogue.ensure_presets(now=now)
    cast = await demo_people.arrive(password_hash=await passwords.hash_of(PASSWORD), now=now)
    await demo_stories.tell(cast, now=now)
    await demo_programmes.load_programmes(cast, now=now)
    await demo_customers.load_customers(cast, now=now)
    await demo_changes.load_changes(cast, now=now)
    await demo_catalogue.load_catalogue(cast, now=now)
    await demo_offers.load_offers(cast, now=now)
    await demo_requirements.load_requirements(cast, now=now)
    await demo_funds.load_funds(cast, now=now)
    await demo_vouchers.load_vouchers(cast, now=now)
    await demo_orders.load_orders(cast, now=now)
    await demo_fulfilment.load_fulfilment(cast, now=now)
    await demo_doubts.load_doubts(cast, now=now)
    await demo_consumption.load_consumption(cast, now=now)
    await demo_paid_month.load_paid_month(cast, now=now)
    await demo_settlement.load_settlement(cast, now=now)
    await demo_consumption.load_bills(now=now)
    await demo_incentives.load_incentives(cast, now=now)
    await demo_books.load_books(cast, now=now)
    await demo_systems.load_systems(cast, now=now)
    await demo_exports.load_exports(cast, now=now)
    await demo_inbox.load_inbox(cast, now=now)
    if receiver_url is not None:
        await demo_webhooks.load_webhooks(cast, receiver=receiver_url, now=now)
    await _settle_mails(has_mail_server)
    log.info("demo loaded in %.1f s", asyncio.get_running_loop().time() - started)


async def _settle_mails(has_mail_server: bool) -> None:
    """Mails of the past are behind us; only links that still open something go to the outbox.

    With a mail server, none goes out: the people are made up, their addresses may not be.
    """
    await database.execute(
        """
        update mail set status = 'SENT', sent_at = created_at
        where status = 'QUEUED' and ($1 or not exists (
          select from member_invitation open
          where open.status = 'PENDING' and open.id::text = mail.facts -> 'link' ->> 'id'
            and open.generation = (mail.facts -> 'link' ->> 'generation')::int)
          and not exists (
          select from customer_invitation open
          where open.status = 'SENT' and open.id::text = mail.facts -> 'link' ->> 'id'
            and open.generation = (mail.facts -> 'link' ->> 'generation')::int))
        """,
        has_mail_server,
    )


def _padded(text: str, width: int) -> str:
    """Chinese characters are two columns wide in a terminal."""
    columns = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - columns)
