"""The rows behind the house: few, awkward, full of ties; and those who look at them."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.models import Model

from kit.ids import encode
from kit.timers import TimerState
from models.audit import Event, EventCounter
from models.identity import Person, Role
from models.members import (
    Evidence,
    Member,
    MemberInvitation,
    MemberInvitationStatus,
    MemberProject,
    ProjectRole,
    SpecialistStatus,
)
from models.partners import Partner, PartnerKind, Site
from models.timers import Timer
from tests.kit.reads.house import Viewer

NOW = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)

TEXTS = (
    "",
    "Same",
    "Same",
    "Same",
    'He said "no"',
    'back\\slash \\" \\n',
    "two\nlines\r\n\tand a tab",
    "\x01\x07\x1b\x1f\x7f",
    "😀👩‍👩‍👧 e\u0301",
    "总经销商 北京",
    "<script>alert('1')</script>&amp;",
    "O'Brien; drop table partner --",
    "{t} {now} {value} {} %s $1",
    "100%_of\\it",
    "a:b:c",
    "\u2028\u2029\ufeff",
    "null",
    "ß İ ŉ",
    "  spaced  ",
    "x" * 160,
)
# Ties, microseconds, a time before the epoch, one of four-digit years' end.
INSTANTS = (
    NOW,
    NOW,
    NOW - timedelta(days=7),
    NOW - timedelta(days=7),
    NOW - timedelta(days=7),
    NOW - timedelta(days=40, microseconds=1),
    NOW + timedelta(microseconds=120_000),
    NOW + timedelta(days=3),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
)
DAYS = (date(2029, 2, 28), date(2029, 2, 28), date(1899, 1, 1), date(2030, 1, 31))

PREFIXES: dict[type[Model], str] = {
    Partner: "ptn",
    MemberInvitation: "inv",
    Member: "mem",
    Person: "per",
    Role: "rol",
    Event: "evt",
    EventCounter: "cnt",
}


class World:
    """All rows by model, and the viewers."""

    def __init__(self) -> None:
        self.rows: dict[type[Model], list[Any]] = {}
        self.viewers: dict[str, Viewer] = {}

    @property
    def nodes(self) -> list[type[Model]]:
        """The models whose rows have an outer id."""
        return [model for model in self.rows if model in PREFIXES]

    def ids(self, *models: type[Model]) -> list[str]:
        """The outer ids of all rows of these models."""
        return [
            encode(PREFIXES[model], row.id) for model in models for row in self.rows.get(model, ())
        ]

    async def keep(self, rows: Iterable[Any]) -> list[Any]:
        """Write rows, several of one model at once."""
        made = list(rows)
        await type(made[0]).bulk_create(made)
        self.rows.setdefault(type(made[0]), []).extend(made)
        return made


async def fill() -> World:
    """The same world each time, ids included."""
    world, dice = World(), random.Random(7)
    await _partners(world, dice)
    await _members(world, dice)
    await _others(world, dice)
    a, b, reseller = (world.rows[Partner][number] for number in (0, 1, 4))
    resellers = [row.id for row in world.rows[Partner] if row.distributor_id == a.id]
    person = world.rows[Member][0].person_id
    world.viewers = {
        "staff": a_viewer("STAFF"),
        "distributor": a_viewer("OPERATOR", a.id, *resellers),
        "its manager": a_viewer("OPERATOR.MANAGER", a.id, *resellers),
        "other distributor": a_viewer("OPERATOR", b.id),
        "reseller": a_viewer("OPERATOR", reseller.id),
        "person": a_viewer("PERSON", person_id=person),
        "anonymous": a_viewer("ANONYMOUS"),
        "system": a_viewer("SYSTEM"),
    }
    return world


def a_viewer(sight: str, *partners: UUID, person_id: UUID | None = None) -> Viewer:
    return Viewer(
        kind=sight.partition(".")[0],
        sight=sight,
        partner_id=partners[0] if partners else None,
        partner_ids=partners,
        person_id=person_id,
    )


def an_id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128))


async def _partners(world: World, dice: random.Random) -> None:
    """Two distributors, the first with five resellers, the second with one; five on their own."""
    made: list[Partner] = []
    for number in range(13):
        distributor = made[0] if 2 <= number < 7 else made[1] if number == 7 else None
        kind = (
            PartnerKind.DISTRIBUTOR
            if number < 2
            else PartnerKind.RESELLER
            if distributor
            else PartnerKind.SOLUTION_PROVIDER
        )
        made.append(
            Partner(
                id=an_id(dice),
                name=dice.choice(TEXTS),
                name_en=dice.choice((None, *TEXTS)),
                account_name=f"account-{number}",
                kind=kind,
                tier=dice.randint(1, 3),
                site=dice.choice(list(Site)),
                city=dice.choice((None, "", "北京", 'a "city"')),
                registered_on=dice.choice((None, *DAYS)),
                distributor_id=distributor.id if distributor else None,
                created_at=dice.choice(INSTANTS),
            )
        )
    await world.keep(made)
    await world.keep(
        Role(
            id=an_id(dice),
            partner_id=partner.id if partner else None,
            code=f"{dice.choice('ab')}{number}",
            name=dice.choice(TEXTS)[:80],
            items=dice.sample(TEXTS, dice.randint(0, 3)),
            created_at=dice.choice(INSTANTS),
        )
        for number, partner in enumerate((None, None, *made[:4], *made[:2], *made[:1]))
    )


async def _members(world: World, dice: random.Random) -> None:
    partners = world.rows[Partner]
    people = await world.keep(
        Person(
            id=an_id(dice),
            email=f"person.{number}@例子.test",
            account_name=f"person-{number}",
            name=dice.choice(TEXTS),
            phone=dice.choice((None, "", "+86 138 0000")),
            site=dice.choice(list(Site)),
            created_at=NOW,
        )
        for number in range(14)
    )
    pairs = [(partner, person) for partner in partners[:10] for person in people]
    invitations = await world.keep(
        MemberInvitation(
            id=an_id(dice),
            partner_id=partner.id,
            person_id=person.id,
            email=dice.choice(("same@x.test", "UPPER@x.test", "a_b%c@x.test", "引@x.test")),
            status=dice.choice(list(MemberInvitationStatus)),
            token_hash=f"{number:064}",
            generation=dice.randint(1, 2),
            message=dice.choice((None, *TEXTS)),
            sent_at=NOW,
            expires_at=dice.choice(INSTANTS),
            decided_at=dice.choice((None, NOW, INSTANTS[5])),
            created_at=dice.choice(INSTANTS),
        )
        for number, (partner, person) in enumerate(dice.sample(pairs, 34))
    )
    await world.keep(
        Timer(
            id=an_id(dice),
            tenant_id=invitation.partner_id,
            kind=dice.choice(("member_invitation.expire",) * 3 + ("member_invitation.remind",)),
            subject_id=invitation.id,
            generation=dice.randint(1, 2),
            due_at=dice.choice(INSTANTS),
            on_timeout="EXPIRE",
            state=dice.choice((TimerState.FIRED, TimerState.CANCELLED, TimerState.DEAD)),
            attempts=dice.randint(0, 3),
            next_attempt_at=NOW,
            lateness_ms=dice.choice((None, 0, 2**31 - 1)),
            last_error=dice.choice((None, *TEXTS)),
            created_at=NOW,
        )
        for invitation in dice.choices(invitations, k=40)
    )
    files = await world.keep(
        Evidence(
            id=an_id(dice),
            partner_id=partner.id,
            name=dice.choice(TEXTS)[:120],
            content_type="text/plain",
            size=number,
            sha256="0" * 64,
            content=b"\x00\xff"[number:],
            created_at=NOW,
        )
        for number, partner in enumerate(partners[:2])
    )
    linked: set[UUID] = set()
    members = []
    for invitation in dice.choices(invitations, k=18):
        is_linked = invitation.person_id not in linked
        linked.add(invitation.person_id)
        members.append(
            Member(
                id=an_id(dice),
                partner_id=invitation.partner_id,
                person_id=invitation.person_id,
                invitation_id=invitation.id,
                linked_at=dice.choice(INSTANTS),
                unlinked_at=None if is_linked else NOW,
                specialist=dice.choice(list(SpecialistStatus)) if is_linked else "NONE",
                specialist_evidence_id=dice.choice((None, *(file.id for file in files))),
                created_at=NOW,
            )
        )
    await world.keep(members)
    await world.keep(
        MemberProject(
            id=an_id(dice),
            member_id=member.id,
            partner_id=member.partner_id,
            name=dice.choice(TEXTS),
            role=dice.choice(list(ProjectRole)),
            started_on=dice.choice(DAYS),
            ended_on=dice.choice((None, date(2030, 2, 1))),
            removed_at=dice.choice((None, NOW, INSTANTS[7])),
            created_at=dice.choice(INSTANTS),
        )
        for member in dice.choices(members[:9], k=30)
    )


async def _others(world: World, dice: random.Random) -> None:
    partners, invitations = world.rows[Partner], world.rows[MemberInvitation]
    subjects = [("partner", row.id) for row in partners]
    subjects += [("invitation", row.id) for row in invitations]
    subjects += [("partner", invitations[0].id), ("elsewhere", partners[0].id)]
    await world.keep(
        Event(
            id=an_id(dice),
            tenant_id=dice.choice(partners[:9]).id,
            name=dice.choice(("thing.made", "thing.lost", 'thing."odd"')),
            subject_type=kind,
            subject_id=subject,
            person_id=dice.choice((None, *(row.id for row in world.rows[Person]))),
            actor_kind="STAFF",
            actor_name=dice.choice(TEXTS),
            reason=dice.choice((None, *TEXTS)),
            occurred_at=dice.choice(INSTANTS),
            created_at=dice.choice(INSTANTS),
        )
        for kind, subject in dice.choices(subjects, k=40) + subjects[-2:]
    )
    await world.keep(
        EventCounter(
            id=partner.id, last_position=dice.choice((0, 2**31, 2**53, 2**63 - 1)), created_at=NOW
        )
        for partner in partners
    )
