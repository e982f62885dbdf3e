"""What people want to be told, about which topics and on which channels; and when (L-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.notifications.digests import NEXT_DIGEST
from domain.notifications.topics import TOPICS
from kit import database
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, Problem
from kit.transaction import lock, transactional
from models.identity import Person
from models.inbox import Channel, NotificationDigest, Topic

MOST = len(Topic) * len(Channel)


class TopicMandatory(Problem):
    """What this topic tells has a deadline, or decides about rights or money."""

    en = "Messages about {topic} can't be turned off on {channel}."
    zh = "该主题({topic})的通知不可在该渠道({channel})关闭。"
    about = {"topic": "The topic.", "channel": "The channel."}
    topic: str
    channel: str


class TopicForDistributors(Problem):
    """Only distributors have resellers to read about (L-10)."""

    en = "Only distributors can be told about {topic}."
    zh = "仅总经销商伙伴可以订阅该主题({topic})。"
    about = {"topic": "The topic."}
    topic: str


@dataclass(frozen=True)
class Choice:
    """A topic on a channel: whether it is told there, and whether that is to be chosen."""

    topic: Topic
    channel: Channel
    enabled: bool
    can_change: bool = True


@dataclass(frozen=True)
class Preferences:
    """All choices of a person in a seat, topic by topic; the hour is Shanghai's, None: at once."""

    choices: Sequence[Choice]
    digest_hour: int | None


async def read(*, viewer: Viewer) -> Preferences:
    """What the viewer's person is told. Raises Forbidden for systems, who have no mailbox."""
    require(viewer, "notificationPreferences")
    person_id = _person(viewer)
    said = {
        (row["topic"], row["channel"]): row["enabled"]
        for row in await database.rows(
            "select topic, channel, enabled from notification_preference where person_id = $1",
            person_id,
        )
    }
    digest = await NotificationDigest.get_or_none(id=person_id)
    has_resellers = await _has_resellers(viewer)
    return Preferences(
        [
            Choice(
                topic,
                channel,
                said.get((topic.value, channel.value), about.default(channel))
                if about.can_change(channel)
                else True,
                about.can_change(channel),
            )
            for topic, about in TOPICS.items()
            if has_resellers or not about.for_distributors
            for channel in Channel
        ],
        digest.hour if digest else None,
    )


@transactional
async def choose(
    *,
    viewer: Viewer,
    choices: Sequence[Choice] = (),
    digest: tuple[int | None] | None = None,
    now: datetime,
) -> Preferences:
    """Set these choices, in all seats of the person; `digest` is the hour or None for at once.

    What waits for a digest goes with the next one of the new hour, or at once. Raises
    TopicMandatory, TopicForDistributors, InvalidInput.
    """
    require(viewer, "notificationPreferencesSet")
    person_id = _person(viewer)
    _check(choices, digest)
    has_resellers = await _has_resellers(viewer)
    for choice in choices:
        about = TOPICS[choice.topic]
        if about.for_distributors and not has_resellers:
            raise TopicForDistributors(topic=choice.topic.value, path=("input", "choices"))
        if not choice.enabled and not about.can_change(choice.channel):
            raise TopicMandatory(
                topic=choice.topic.value, channel=choice.channel.value, path=("input", "choices")
            )
    person = await lock(Person, id=person_id)
    assert person is not None
    for choice in choices:
        await database.execute(
            """
            insert into notification_preference
              (id, created_at, person_id, topic, channel, enabled)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (person_id, topic, channel) do update set enabled = excluded.enabled""",
            *(new_id(), now, person_id, choice.topic.value, choice.channel.value, choice.enabled),
        )
    if digest is not None:
        await _set_digest(person, digest[0], now=now)
    await events.record(
        "person.notifications_set",
        actor=viewer,
        subject_type="person",
        subject_id=person_id,
        person_id=person_id,
        tenant_id=PLATFORM_TENANT,
        after={f"{choice.topic}_{choice.channel}": choice.enabled for choice in choices}
        | ({} if digest is None else {"digest_hour": digest[0]}),
        at=now,
    )
    return await read(viewer=viewer)


async def _set_digest(person: Person, hour: int | None, *, now: datetime) -> None:
    if hour is None:
        await NotificationDigest.filter(id=person.id).delete()
        await database.execute(
            "update mail set status = 'QUEUED', next_attempt_at = $2"
            " where status = 'HELD' and recipient = $1",
            *(person.email, now),
        )
        return
    await database.execute(
        """
        insert into notification_digest (id, created_at, hour) values ($1, $2, $3)
        on conflict (id) do update set hour = excluded.hour""",
        *(person.id, now, hour),
    )
    await database.execute(
        f"update mail set next_attempt_at"
        f" = {NEXT_DIGEST.format(now='$2::timestamptz', hour='$3::int')}"
        " where status = 'HELD' and recipient = $1",
        *(person.email, now, hour),
    )


def _check(choices: Sequence[Choice], digest: tuple[int | None] | None) -> None:
    if len(choices) > MOST or len({(each.topic, each.channel) for each in choices}) < len(choices):
        raise InvalidInput(
            reason="Name each topic and channel once.",
            reason_zh="同一主题与渠道只能设置一次。",
            path=("input", "choices"),
        )
    if digest is not None and digest[0] is not None and not 0 <= digest[0] <= 23:
        raise InvalidInput(
            reason="The hour of a digest is 0 to 23.",
            reason_zh="汇总时间须为 0 至 23 点。",
            path=("input", "digest", "hour"),
        )


def _person(viewer: Viewer) -> UUID:
    if viewer.person_id is None:
        raise Forbidden(needs="PERSON")
    return viewer.person_id


async def _has_resellers(viewer: Viewer) -> bool:
    found = await database.row(
        "select kind = 'DISTRIBUTOR' as yes from partner where id = $1", viewer.partner_id
    )
    return found is not None and bool(found["yes"])
