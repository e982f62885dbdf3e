"""Marking messages as read, and choosing what one is told: inputs and payloads."""

import strawberry

from domain.notifications.preferences import TopicForDistributors, TopicMandatory
from models.inbox import Channel, Topic
from schema.inbox import NotificationPreferences
from schema.inputs import idempotency_key
from schema.payloads import payload, told

_MARKED = "How many weren't read before."
_UNREAD = "How many are still unread, 1,000 for that many or more."


@strawberry.input(description="Mark messages as read.")
class InboxMarkReadInput:
    ids: list[strawberry.ID] = strawberry.field(description="Which ones, 1 to 100.")
    idempotency_key: str | None = idempotency_key()


@payload()
class InboxMarkReadPayload:
    marked_count: int | None = told(_MARKED)
    unread_count: int | None = told(_UNREAD)


@strawberry.input(description="Mark all messages as read that you have seen.")
class InboxMarkAllReadInput:
    up_to: strawberry.ID | None = strawberry.field(
        default=None,
        description="The newest message that you have seen: what came after it stays unread. Null"
        " for all that there are.",
    )
    idempotency_key: str | None = idempotency_key()


@payload()
class InboxMarkAllReadPayload:
    marked_count: int | None = told(_MARKED)
    unread_count: int | None = told(_UNREAD)


@strawberry.input(description="Whether you are told about a topic on a channel.")
class NotificationChoiceInput:
    topic: Topic = strawberry.field(description="Which topic.")
    channel: Channel = strawberry.field(description="Which channel.")
    enabled: bool = strawberry.field(description="Whether you are.")


@strawberry.input(description="When mails that can wait are sent.")
class NotificationDigestInput:
    hour: int | None = strawberry.field(
        default=None,
        description="All as one at this hour in Shanghai, 0 to 23; null: each at once.",
    )


@strawberry.input(description="Choose what you are told; what is left out stays as it is.")
class NotificationPreferencesSetInput:
    choices: list[NotificationChoiceInput] = strawberry.field(
        default_factory=list, description="Topics and channels, each pair once."
    )
    digest: NotificationDigestInput | None = strawberry.field(
        default=None, description="When; null leaves it as it is."
    )
    idempotency_key: str | None = idempotency_key()


@payload(errors=(TopicMandatory, TopicForDistributors))
class NotificationPreferencesSetPayload:
    notification_preferences: NotificationPreferences | None = told(
        "All of them as they are now; null when an answer is replayed."
    )
