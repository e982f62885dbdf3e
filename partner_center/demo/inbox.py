"""The demo's inboxes: everybody finds what has happened to them, the latest still unread."""

from datetime import datetime, timedelta

from domain.audit import relay
from domain.notifications import planning, preferences
from domain.notifications.preferences import Choice
from kit import database
from models.inbox import Channel, Topic
from models.partners import PartnerKind
from partner_center.demo.people import Cast

UNREAD_FOR = timedelta(days=5)

_SUBSCRIBED = [
    Choice(Topic.RESELLER, Channel.INBOX, True),
    Choice(Topic.LABEL, Channel.INBOX, True),
]


async def load_inbox(cast: Cast, *, now: datetime) -> None:
    """Distributors follow their resellers; 青云数智 gets its mails as a digest at nine."""
    for house in cast.houses:
        if house.partner.kind is PartnerKind.DISTRIBUTOR:
            await preferences.choose(viewer=house.administrator, choices=_SUBSCRIBED, now=now)
    await preferences.choose(viewer=cast.houses[0].administrator, digest=(9,), now=now)
    await relay.place_all(now=now)
    while await planning.plan(now=now):
        pass
    await database.execute(
        "update inbox_message set read_at = occurred_at where occurred_at < $1", now - UNREAD_FOR
    )
    # The people are made up, and so are their numbers and addresses.
    await database.execute(
        "update text_message set status = 'SENT', sent_at = $1 where status = 'QUEUED'", now
    )
    await database.execute(
        "update mail set status = 'FOLDED', sent_at = $1 where status = 'HELD'", now
    )
