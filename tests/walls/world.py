"""Two houses that are alike, Amber's and Birch's, and everybody who might look over the wall.

Birch is a reseller of Amber's, so that there is an edge that leads there. What is Amber's is marked
by its name wherever a text can be chosen.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.audit import relay
from domain.customers import assignments
from domain.exports import requesting as exporting
from domain.identity import (
    api_keys,
    operators,
    passwords,
    people,
    presets,
    recognition,
    roles,
    supervision,
)
from domain.identity.items import ADMINISTRATOR_ONLY, PLATFORM_ONLY, Item
from domain.identity.presets import Preset
from domain.identity.viewer import SYSTEM, Viewer
from domain.members import answers, deadlines, invitations, links, projects, specialists
from domain.notifications import planning
from domain.partners import register as partners
from kit import clock
from models.customers import Customer
from models.exports import ExportFormat, ExportLanguage
from models.identity import ApiKey, Person, RealName, Role
from models.members import MemberInvitation, ProjectRole
from models.partners import Partner, PartnerKind, Site
from tests import factories
from tests.walls import (
    world_changes,
    world_customers,
    world_money,
    world_offers,
    world_programmes,
    world_settlement,
    world_webhooks,
)
from tests.walls.world_offers import Market

PASSWORD = "behind the wall"
PROOF = b64encode(b"%PDF-1.4\n%%EOF\n").decode()


@dataclass
class House:
    """A partner with everything that one can have."""

    name: str
    partner: Partner
    administrator: Viewer
    emails: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    old_token: str = ""


@dataclass
class Build:
    """Makes houses; `now` goes on while a house is made."""

    now: datetime
    password_hash: str
    reviewer: Viewer
    market: Market
    _phone: int = 13_000_000_000

    async def a_partner(
        self, name: str, *, kind: PartnerKind, under: Partner | None = None
    ) -> Partner:
        """The company alone."""
        return await partners.register(
            name=f"{name} Company",
            name_en=f"{name} Limited",
            account_name=f"{name.lower().replace(' ', '-')}-account",
            kind=kind,
            tier=2,
            site=Site.CHINA,
            city=f"{name} City",
            registered_on=date(2010, 5, 1),
            distributor_id=under.id if under else None,
            now=self.now,
        )

    async def a_house(self, name: str, partner: Partner) -> House:
        """Operators of all kinds, keys, and members in every state, for a partner."""
        begin, word = self.now, name.lower()
        administrator = await self._operator(partner, word, Preset.ADMINISTRATOR)
        house = House(name, partner, administrator)
        house.emails["administrator"] = f"administrator@{word}.example"
        seats = {}
        for preset in (Preset.FINANCE, Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR):
            seats[preset] = await self._operator(partner, word, preset)
            house.emails[preset.lower()] = f"{preset.lower()}@{word}.example"
        await self._rights(house)
        await self._members(house)
        await self._invitations(house)
        await world_customers.furnish(
            name,
            partner,
            by=administrator,
            manager=seats[Preset.ACCOUNT_MANAGER],
            supervisor=seats[Preset.SUPERVISOR],
            now=self.now,
        )
        await world_programmes.furnish(name, partner, by=administrator, now=self.now)
        await world_changes.furnish(name, partner, by=administrator, now=self.now)
        mill = await self.a_partner(f"{name} Mill", kind=PartnerKind.MERCHANT)
        await world_offers.furnish(
            name, partner, by=administrator, mill=mill, market=self.market, now=self.now
        )
        await world_money.furnish(name, partner, by=administrator, market=self.market, now=begin)
        await world_settlement.furnish(name, partner, by=administrator, now=begin)
        await self._export(house)
        await world_webhooks.furnish(name, by=administrator, now=begin)
        self.now = begin
        return house

    async def _export(self, house: House) -> None:
        """Taken back, since a place in the queue tells of those before it."""
        export = await exporting.create(
            viewer=house.administrator,
            listing="orders",
            arguments={},
            parent_id=None,
            columns=["number"],
            format=ExportFormat.CSV,
            language=ExportLanguage.EN,
            csv_bom=False,
            now=self.now,
        )
        await exporting.cancel(viewer=house.administrator, export_id=export.id, now=self.now)

    async def a_person(self, house: str, name: str) -> Person:
        """Somebody with a password, whose name, address and account carry the house's."""
        word = house.lower()
        self._phone += 10_007
        return await people.register(
            email=f"{name}@{word}.example",
            account_name=f"{word}_{name}",
            name=f"{house} {name.title()}",
            phone=str(self._phone),
            locale="en",
            site=Site.CHINA,
            real_name=RealName.INDIVIDUAL,
            password_hash=self.password_hash,
            now=self.now,
        )

    async def _operator(self, partner: Partner, word: str, preset: Preset) -> Viewer:
        person = await self.a_person(word.title(), preset.lower())
        role = await Role.get(code=preset.value, partner_id=None)
        await operators.add(
            viewer=SYSTEM,
            person_id=person.id,
            role_ids=[role.id],
            partner_id=partner.id,
            now=self.now,
        )
        return await factories.as_person(person)

    async def _rights(self, house: House) -> None:
        by = house.administrator
        role = await roles.create(
            viewer=by, name=f"{house.name} guests", items=[Item.PARTNER_VIEW], now=self.now
        )
        guest = await self.a_person(house.name, "guest")
        await operators.add(viewer=by, person_id=guest.id, role_ids=[role.id], now=self.now)
        leaver = await self.a_person(house.name, "leaver")
        left = await operators.add(viewer=by, person_id=leaver.id, role_ids=[role.id], now=self.now)
        await operators.remove(viewer=by, operator_id=left.id, now=self.now)
        house.emails |= {"guest": guest.email, "leaver": leaver.email}
        grantable = [item for item in Item if item not in ADMINISTRATOR_ONLY | PLATFORM_ONLY]
        for name, items in (
            *(("empty", []), ("full", grantable)),
            *(("expired", grantable), ("revoked", grantable)),
        ):
            made = await api_keys.create(
                viewer=by, name=f"{house.name} {name} key", items=items, now=self.now
            )
            house.keys[name] = made.secret
            if name == "expired":
                over = clock.wall() - timedelta(seconds=1)
                await ApiKey.filter(id=made.key.id).update(expires_at=over)
        await api_keys.revoke(viewer=by, api_key_id=made.key.id, now=self.now)

    async def rivals(self, house: House) -> None:
        """A manager who has one customer, the ward; his supervisor; and the ward's own user."""
        by, now = house.administrator, self.now
        manager = await self._operator(house.partner, "rival", Preset.ACCOUNT_MANAGER)
        supervisor = await self._operator(house.partner, "rival", Preset.SUPERVISOR)
        assert manager.seat_id is not None
        assert supervisor.seat_id is not None
        await supervision.set_supervisor(
            viewer=by, manager_id=manager.seat_id, supervisor_id=supervisor.seat_id, now=now
        )
        ward = await Customer.get(account_name=f"{house.name.lower()}_ward")
        await assignments.assign(
            viewer=by, customer_ids=[ward.id], manager_id=manager.seat_id, now=now
        )
        person = await self.a_person("Rival", "ward")
        await people.seat_at_customer(person_id=person.id, customer_id=ward.id, now=now)

    async def _members(self, house: House) -> None:
        by = house.administrator
        for state in ("plain", "applying", "specialist", "cancelling", "unlinked"):
            person = await self.a_person(house.name, state)
            sent = await invitations.invite(
                viewer=by, email=person.email, message=f"Come to {house.name}", now=self.now
            )
            self.now += timedelta(hours=1)
            himself = await factories.as_person(person)
            member = await answers.accept(
                viewer=himself, invitation_id=sent.invitation.id, consent=True, now=self.now
            )
            for number in range(2):
                project = await projects.record(
                    viewer=himself,
                    member_id=member.id,
                    name=f"{house.name} project {number} of {state}",
                    role=ProjectRole.ENGINEER,
                    started_on=date(2029, 3, 1),
                    now=self.now,
                )
            await projects.remove(viewer=by, project_id=project.id, now=self.now)
            if state in ("applying", "specialist", "cancelling"):
                await specialists.apply(viewer=by, member_id=member.id, now=self.now)
            if state in ("specialist", "cancelling"):
                await specialists.approve(viewer=self.reviewer, member_id=member.id, now=self.now)
            if state == "cancelling":
                await specialists.cancel(
                    viewer=by,
                    member_id=member.id,
                    reason=f"{house.name} has no more work",
                    file_name=f"{house.name}.pdf",
                    file_base64=PROOF,
                    now=self.now,
                )
            if state == "unlinked":
                await links.unlink(
                    viewer=by, member_id=member.id, reason=f"left {house.name}", now=self.now
                )
            house.emails[state] = person.email

    async def _invitations(self, house: House) -> None:
        by = house.administrator
        for state in ("lapsed", "rejected", "revoked", "resent", "invited"):
            person = await self.a_person(house.name, state)
            sent = await invitations.invite(
                viewer=by, email=person.email, message=f"{house.name} calls", now=self.now
            )
            id = sent.invitation.id
            if state == "lapsed":
                await MemberInvitation.filter(id=id).update(expires_at=self.now)
                await deadlines.expire(subject_ids=[id], now=self.now)
            elif state == "rejected":
                himself = await factories.as_person(person)
                await answers.reject(
                    viewer=himself, invitation_id=id, reason=f"not {house.name}", now=self.now
                )
            elif state == "revoked":
                await invitations.revoke(
                    viewer=by, invitation_id=id, reason=f"{house.name} erred", now=self.now
                )
            elif state == "resent":
                house.old_token = sent.link.partition("#")[2]
                await invitations.resend(viewer=by, invitation_id=id, now=self.now)
            house.emails[state] = person.email


async def begin(now: datetime) -> Build:
    """The preset roles and the platform's reviewer, on which every house is built."""
    await presets.ensure_presets(now=now)
    await world_programmes.open_programmes(now)
    await world_settlement.open_policy()
    reviewer = await people.register(
        email="reviewer@platform.example",
        account_name="reviewer",
        name="Reviewer",
        phone=None,
        locale="en",
        site=Site.CHINA,
        real_name=RealName.INDIVIDUAL,
        password_hash=None,
        now=now,
    )
    await people.seat_at_platform(
        person_id=reviewer.id, items=[Item.SPECIALIST_REVIEW, Item.MEMBER_VIEW], now=now
    )
    found = await recognition.by_person(reviewer.id, until=now)
    assert found
    market = await world_offers.open_market()
    return Build(now, await passwords.hash_of(PASSWORD), found.viewer, market)


async def settle(now: datetime) -> None:
    """Give every event its position."""
    await relay.place_all(now=now)
    while await planning.plan(now=now):
        pass
