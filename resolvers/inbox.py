"""The inbox: reading it, marking it, following it, and choosing what comes into it."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.identity.permissions import describe, require
from domain.identity.staying import Stay
from domain.identity.viewer import Viewer
from domain.notifications import inbox, preferences
from domain.notifications.planning import CHANNEL
from kit import bells, clock, ids
from kit.problems import Forbidden
from kit.reads import Connection, fetch_one, root_connection, root_one
from resolvers.events import PAGE
from resolvers.mutation import Outcome, mutation
from schema import inbox_changes as schema
from schema.context import Context
from schema.inbox import InboxFilter, InboxMessage, InboxOrder, NotificationPreferences

POLL = 2.0  # seconds after which a subscriber looks without having been told

Info = strawberry.Info[Context, None]


def _may_read(viewer: Viewer) -> None:
    require(viewer, "inbox")


@strawberry.type
class InboxQuery:
    inbox_message: InboxMessage | None = root_one(
        "A message by its id; null when it isn't for your seat.", prefix="msg"
    )
    inbox: Connection[InboxMessage] = root_connection(
        "What you were told in the seat that you sit in, the newest first if unsaid. Each seat has"
        " an inbox of its own; API keys have none. `viewer { unreadCount }` counts."
        f" {describe('inbox')}",
        filter=InboxFilter,
        order=InboxOrder,
        guard=_may_read,
    )

    @strawberry.field(
        description="What you are told, about which topics and on which channels. For people."
        f" {describe('notificationPreferences')}"
    )
    async def notification_preferences(self, info: Info) -> NotificationPreferences:
        read = await preferences.read(viewer=info.context.viewer)
        return NotificationPreferences.of(read, locale=info.context.locale)


@strawberry.type
class InboxMutation:
    @mutation(
        "Mark messages of your inbox as read; harmless for those that are.",
        schema.InboxMarkReadPayload,
        requires=describe("inboxMarkRead"),
    )
    async def inbox_mark_read(
        self, viewer: Viewer, input: schema.InboxMarkReadInput, now: Any
    ) -> Outcome:
        marked = await inbox.mark_read(
            viewer=viewer,
            ids=[ids.decode("msg", text, path=("input", "ids")) for text in input.ids],
            now=now,
        )
        return Outcome(marked_count=marked, unread_count=await inbox.unread(viewer=viewer))

    @mutation(
        "Mark all messages of your inbox as read, up to the newest that you have seen.",
        schema.InboxMarkAllReadPayload,
        requires=describe("inboxMarkAllRead"),
    )
    async def inbox_mark_all_read(
        self, viewer: Viewer, input: schema.InboxMarkAllReadInput, now: Any
    ) -> Outcome:
        up_to = input.up_to and ids.decode("msg", input.up_to, path=("input", "upTo"))
        marked = await inbox.mark_all_read(viewer=viewer, up_to=up_to or None, now=now)
        return Outcome(marked_count=marked, unread_count=await inbox.unread(viewer=viewer))

    @mutation(
        "Choose what you are told, about which topics, on which channels, and when.",
        schema.NotificationPreferencesSetPayload,
        requires=describe("notificationPreferencesSet"),
    )
    async def notification_preferences_set(
        self,
        viewer: Viewer,
        input: schema.NotificationPreferencesSetInput,
        now: Any,
        context: Context,
    ) -> Outcome:
        chosen = await preferences.choose(
            viewer=viewer,
            choices=[
                preferences.Choice(each.topic, each.channel, each.enabled) for each in input.choices
            ],
            digest=None if input.digest is None else (input.digest.hour,),
            now=now,
        )
        return Outcome(
            notification_preferences=NotificationPreferences.of(chosen, locale=context.locale)
        )


@strawberry.type
class InboxSubscription:
    @strawberry.subscription(
        description="Each message as it comes into your inbox. Keep the last `id`: asked for what"
        " is `after` it, a new subscription goes on where the old one broke off. It ends when your"
        " sign-in does."
    )
    async def inbox_messages(
        self,
        info: Info,
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Behind this message; if unsaid, only what comes from now."
            ),
        ] = None,
    ) -> AsyncGenerator[InboxMessage, None]:
        """Decide before the first message whether there may be any."""
        viewer = info.context.viewer
        _may_read(viewer)
        if viewer.seat_id is None:
            raise Forbidden(needs="PERSON")
        last = (
            ids.decode("msg", after, path=("after",))
            if after is not None
            else await inbox.end(seat_id=viewer.seat_id)
        )
        return _follow(info, viewer.seat_id, last)


async def _follow(info: Info, seat_id: UUID, last: UUID | None) -> AsyncGenerator[Any, None]:
    stay = Stay(info.context.viewer)
    with bells.hung(CHANNEL, str(seat_id)) as bell:
        while await stay.goes_on():
            found = await inbox.after(seat_id=seat_id, last=last, limit=PAGE)
            for id in found:
                last = id
                info.context.now = await clock.now()
                message = await fetch_one(info._raw_info, "InboxMessage", id)
                if message is not None:  # else it was tidied away meanwhile
                    yield message
            if len(found) < PAGE:
                await bell.wait(within=POLL)
