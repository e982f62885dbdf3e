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
from domain.programmes import catalogue as presets_of_programmes
from kit import clock, database
from kit.transaction import transactional
from models.partners import Partner
from partner_center import receiver, startup
from partner_center.demo import (
    books,
    catalogue,
    changes,
    consumption,
    customers,
    doubts,
    exports,
    fulfilment,
    funds,
    inbox,
    incentives,
    offers,
    orders,
    paid_month,
    people,
    programmes,
    requirements,
    settlement,
    stories,
    systems,
    vouchers,
    webhooks,
)
from partner_center.demo.names import COMPANIES
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
    return [Account(label, email) for label, email in people.SIGN_INS]


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
    await presets_of_programmes.ensure_presets(now=now)
    cast = await people.arrive(password_hash=await passwords.hash_of(PASSWORD), now=now)
    await stories.tell(cast, now=now)
    await programmes.load_programmes(cast, now=now)
    await customers.load_customers(cast, now=now)
    await changes.load_changes(cast, now=now)
    await catalogue.load_catalogue(cast, now=now)
    await offers.load_offers(cast, now=now)
    await requirements.load_requirements(cast, now=now)
    await funds.load_funds(cast, now=now)
    await vouchers.load_vouchers(cast, now=now)
    await orders.load_orders(cast, now=now)
    await fulfilment.load_fulfilment(cast, now=now)
    await doubts.load_doubts(cast, now=now)
    await consumption.load_consumption(cast, now=now)
    await paid_month.load_paid_month(cast, now=now)
    await settlement.load_settlement(cast, now=now)
    await consumption.load_bills(now=now)
    await incentives.load_incentives(cast, now=now)
    await books.load_books(cast, now=now)
    await systems.load_systems(cast, now=now)
    await exports.load_exports(cast, now=now)
    await inbox.load_inbox(cast, now=now)
    if receiver_url is not None:
        await webhooks.load_webhooks(cast, receiver=receiver_url, now=now)
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
