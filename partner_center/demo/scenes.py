"""One person and one partner of the demo, and what each can do at a given time."""

from base64 import b64encode
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from domain.members import answers, invitations, links, projects, specialists
from kit.workdays import SHANGHAI
from models.identity import Person
from models.members import ProjectRole
from partner_center.demo.names import MESSAGES, PROJECTS
from partner_center.demo.people import Cast, House, as_himself

T = TypeVar("T")

PROOF = b64encode(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n").decode()


class Scene:
    """`now` is the time at which the next thing happens."""

    def __init__(self, cast: Cast, house: House, person: Person, begin: datetime) -> None:
        assert cast.reviewer is not None
        self._random, self._reviewer = cast.random, cast.reviewer
        self._administrator, self._himself = house.administrator, as_himself(person)
        self._person = person
        self._invitation_id: UUID | None = None
        self._member_id: UUID | None = None
        self.now = begin

    def between(self, fewest: float, most: float) -> timedelta:
        """So many days, as the dice will have it."""
        return timedelta(days=self._random.uniform(fewest, most))

    def choose(self, among: tuple[T, ...]) -> T:
        """One of these, as the dice will have it."""
        return self._random.choice(among)

    @property
    def invitation_id(self) -> UUID:
        """The invitation that was sent."""
        assert self._invitation_id is not None
        return self._invitation_id

    @property
    def member_id(self) -> UUID:
        """The member that came of it."""
        assert self._member_id is not None
        return self._member_id

    async def invite(self) -> None:
        """The partner invites."""
        sent = await invitations.invite(
            viewer=self._administrator,
            email=self._person.email,
            message=self.choose(MESSAGES),
            now=self.now,
        )
        self._invitation_id = sent.invitation.id

    async def resend(self) -> None:
        """The partner invites again."""
        await invitations.resend(
            viewer=self._administrator, invitation_id=self.invitation_id, now=self.now
        )

    async def revoke(self, reason: str | None) -> None:
        """The partner thinks better of it."""
        await invitations.revoke(
            viewer=self._administrator,
            invitation_id=self.invitation_id,
            reason=reason,
            now=self.now,
        )

    async def accept(self) -> None:
        """The person says yes."""
        member = await answers.accept(
            viewer=self._himself, invitation_id=self.invitation_id, consent=True, now=self.now
        )
        self._member_id = member.id

    async def reject(self, reason: str | None) -> None:
        """The person says no."""
        await answers.reject(
            viewer=self._himself, invitation_id=self.invitation_id, reason=reason, now=self.now
        )

    async def unlink(self, reason: str) -> None:
        """The partner ends the link."""
        await links.unlink(
            viewer=self._administrator, member_id=self.member_id, reason=reason, now=self.now
        )

    async def record_a_project(self) -> None:
        """The member tells of a project that ended lately, or is running."""
        today = self.now.astimezone(SHANGHAI).date()
        started = today - timedelta(days=self._random.randint(60, 600))
        ended = started + timedelta(days=self._random.randint(30, 400))
        await projects.record(
            viewer=self._himself,
            member_id=self.member_id,
            name=self.choose(PROJECTS),
            role=self.choose(tuple(ProjectRole)),
            started_on=started,
            ended_on=ended if ended < today else None,
            now=self.now,
        )

    async def apply(self) -> None:
        """The partner wants the member to be a specialist."""
        await specialists.apply(viewer=self._administrator, member_id=self.member_id, now=self.now)

    async def approve(self) -> None:
        """The platform agrees."""
        await specialists.approve(viewer=self._reviewer, member_id=self.member_id, now=self.now)

    async def reject_application(self, reason: str) -> None:
        """The platform does not."""
        await specialists.reject(
            viewer=self._reviewer, member_id=self.member_id, reason=reason, now=self.now
        )

    async def cancel(self, reason: str) -> None:
        """The partner wants the member to be a specialist no more."""
        await specialists.cancel(
            viewer=self._administrator,
            member_id=self.member_id,
            reason=reason,
            file_name="证明.pdf",
            file_base64=PROOF,
            now=self.now,
        )
