"""The inbox and what people choose to be told."""

from enum import Enum
from typing import Any

import strawberry

from domain.notifications import preferences, telling
from domain.notifications.policy import INBOX
from domain.notifications.topics import TOPICS
from kit.reads import (
    Node,
    column,
    computed,
    flag,
    one,
    ordering,
    polymorphic,
    sql,
    table,
    where,
    within,
)
from models import inbox as models
from models.inbox import Channel, Topic
from schema.enums import described
from schema.events import SUBJECTS, Event
from schema.ranges import DateTimeRange
from schema.scalars import DateTime

described(
    Topic,
    "What messages are about.",
    name="NotificationTopic",
    ACCOUNT="Seats, keys, codes, webhooks. Can't be turned off.",
    INVITATION="Invitations of members, customers and to programmes. Can't be turned off.",
    ASSOCIATION="Changes of associations, and acting on behalf. Can't be turned off.",
    STATEMENT="Statements, disputes and invoices. Can't be turned off.",
    CUSTOMER="Customers that come, go or are frozen, and reports of them.",
    LABEL="Labels of customers; for who subscribes to it.",
    REQUIREMENT="Customers' requirements and private offers.",
    OFFER="Exclusive offers.",
    ORDER="Orders, refunds and what was bought.",
    VOUCHER="Voucher quota and coupons.",
    FUNDS="Recharges and withdrawals.",
    PROGRAMME="Programmes, and the certification of business information.",
    INDICATOR="What certifications and improvement plans are judged by.",
    PERFORMANCE="Sheets of performance, and answers to questions about it.",
    ESTIMATED_INCENTIVE="Estimates that have become final, or to nothing.",
    INCENTIVE="Incentives that were confirmed or paid, and applications for payment.",
    EXPORT="Exports of yours that are done or have failed.",
    RESELLER="What happens at resellers; for distributors who subscribe to it.",
)
described(
    Channel,
    "On which way somebody is told.",
    name="NotificationChannel",
    INBOX="In the inbox.",
    MAIL="By mail.",
    SMS="By text message.",
)


def _text(row: Any, request: Any) -> str:
    return telling.told(row.name, Topic(row.topic), row.facts, locale=request.locale)


@table(
    models.InboxMessage,
    prefix="msg",
    scope=INBOX,
    description="Something that happened, told to you in the seat that you sit in.",
)
class InboxMessage(Node):
    topic: Topic = column("What it is about.")
    name: str = column("Which event it tells: `order.paid`.")
    text: str = computed(
        _text,
        ("name", "topic", "facts"),
        "One sentence for a person, in the language of `Accept-Language`; never markup.",
    )
    occurred_at: DateTime = column("When it happened, by business time.")
    is_read: bool = sql("{t}.read_at is not null", "Whether it was read.")
    read_at: DateTime | None = column("When it was marked as read; null until then.")
    subject: Node | None = polymorphic(
        "subject_type", "subject_id", SUBJECTS, "To what; null when you may not see it."
    )
    event: Event | None = one("event_id", "The whole event; null when you may not see it.")


@strawberry.input(description="Which messages; all conditions together.")
class InboxFilter:
    is_read: bool | None = flag(
        "{t}.read_at is not null", "{t}.read_at is null", "Whether they were read."
    )
    topic: list[Topic] | None = where("{t}.topic = any({value})", "About any of these topics.")
    occurred: DateTimeRange | None = within("occurred_at", "Of what happened in this span.")


@strawberry.enum(description="What messages can be ordered by.")
class InboxOrderField(Enum):
    """Names of columns."""

    TOLD = strawberry.enum_value("id", description="By when they came into the inbox.")


InboxOrder = ordering("How messages are ordered.", InboxOrderField.TOLD)


@strawberry.type(description="A topic on a channel.")
class NotificationChoice:
    channel: Channel = strawberry.field(description="Which channel.")
    enabled: bool = strawberry.field(description="Whether you are told there.")
    can_change: bool = strawberry.field(description="Whether that is yours to choose.")


@strawberry.type(description="What you are told about a topic.")
class NotificationTopicPreference:
    topic: Topic = strawberry.field(description="Which topic.")
    title: str = strawberry.field(
        description="What it is called, in the language of `Accept-Language`."
    )
    is_mandatory: bool = strawberry.field(
        description="Whether it is always told in the inbox and by mail."
    )
    channels: list[NotificationChoice] = strawberry.field(description="Each channel.")


@strawberry.type(
    description="What you are told, and how. It holds in all seats of yours; topics that your seat"
    " has nothing of aren't listed."
)
class NotificationPreferences:
    topics: list[NotificationTopicPreference] = strawberry.field(description="Each topic.")
    digest_hour: int | None = strawberry.field(
        description="At which hour in Shanghai, 0 to 23, mails that can wait are sent as one; null:"
        " each at once. Mandatory ones never wait."
    )

    @staticmethod
    def of(read: preferences.Preferences, *, locale: str) -> "NotificationPreferences":
        """What was read, as the API tells it."""
        by_topic: dict[Topic, list[preferences.Choice]] = {}
        for choice in read.choices:
            by_topic.setdefault(choice.topic, []).append(choice)
        return NotificationPreferences(
            digest_hour=read.digest_hour,
            topics=[
                NotificationTopicPreference(
                    topic=topic,
                    title=TOPICS[topic].zh if locale.startswith("zh") else TOPICS[topic].en,
                    is_mandatory=TOPICS[topic].is_mandatory,
                    channels=[
                        NotificationChoice(
                            channel=choice.channel,
                            enabled=choice.enabled,
                            can_change=choice.can_change,
                        )
                        for choice in choices
                    ],
                )
                for topic, choices in by_topic.items()
            ],
        )
