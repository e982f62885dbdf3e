"""Project specialists: applied for, approved, cancelled (domain.md 5.2, M-05)."""

from base64 import b64encode
from hashlib import sha256
from uuid import UUID

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.members import links, specialists
from domain.members.evidence import EvidenceOfUnknownType, EvidenceTooLarge
from domain.members.guards import ManagedByItsPartner, MemberUnlinked
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.members import Evidence, Member, SpecialistStatus
from models.partners import Partner
from tests.conftest import Clock
from tests.factories import a_distributor, a_member, a_partner, a_staff_viewer, an_administrator

pytestmark = pytest.mark.usefixtures("database")

PDF = b"%PDF-1.7 proof"


class Scene:
    """A member, his partner's administrator and a reviewer of the platform."""

    partner: Partner
    member: Member
    administrator: Viewer
    reviewer: Viewer

    async def status(self) -> SpecialistStatus:
        return (await Member.get(id=self.member.id)).specialist

    async def is_now(self, status: SpecialistStatus) -> None:
        await Member.filter(id=self.member.id).update(specialist=status)


@pytest.fixture
async def scene(time: Clock) -> Scene:
    scene = Scene()
    scene.partner = await a_partner()
    scene.member = await a_member(of=scene.partner, now=time.now)
    scene.administrator = await an_administrator(of=scene.partner)
    scene.reviewer = await a_staff_viewer(Item.SPECIALIST_REVIEW)
    return scene


async def cancel(
    scene: Scene, time: Clock, content: bytes = PDF, name: str = "proof.pdf"
) -> Member:
    return await specialists.cancel(
        viewer=scene.administrator,
        member_id=scene.member.id,
        reason="left the project",
        file_name=name,
        file_base64=b64encode(content).decode(),
        now=time.now,
    )


async def test_a_specialist_is_applied_for_approved_and_cancelled(
    scene: Scene, time: Clock
) -> None:
    id = scene.member.id
    await specialists.apply(viewer=scene.administrator, member_id=id, now=time.now)
    await specialists.approve(viewer=scene.reviewer, member_id=id, now=time.now)
    assert await scene.status() is SpecialistStatus.SPECIALIST

    await cancel(scene, time)
    asked = await Member.get(id=id)
    assert asked.specialist is SpecialistStatus.CANCELLING
    assert asked.specialist_reason == "left the project"
    assert asked.specialist_evidence_id is not None

    await specialists.approve_cancelling(viewer=scene.reviewer, member_id=id, now=time.now)
    done = await Member.get(id=id)
    assert done.specialist is SpecialistStatus.NONE
    assert (done.specialist_reason, done.specialist_evidence_id) == (None, None)

    names = [event.name for event in await Event.filter(subject_id=id).order_by("id").offset(1)]
    assert names == [
        "member.specialist_applied",
        "member.specialist_approved",
        "member.specialist_cancelling",
        "member.specialist_cancelled",
    ]
    await links.unlink(viewer=scene.administrator, member_id=id, now=time.now)


async def test_the_file_is_kept_as_it_came(scene: Scene, time: Clock) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)

    await cancel(scene, time, PDF, name="C:\\docs\\离职证明.pdf")

    [file] = await Evidence.all()
    assert (file.name, file.content_type, file.size) == (
        "离职证明.pdf",
        "application/pdf",
        len(PDF),
    )
    assert bytes(file.content) == PDF
    assert file.sha256 == sha256(PDF).hexdigest()
    event = await Event.get(name="member.specialist_cancelling")
    assert event.after["evidence_id"] == str(file.id)


@pytest.mark.parametrize(
    ("start", "content_type"),
    [(b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg")],
)
async def test_pictures_are_proof_as_well(
    scene: Scene, time: Clock, start: bytes, content_type: str
) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)

    await cancel(scene, time, start + bytes(131_072 - len(start)))

    assert (await Evidence.get()).content_type == content_type


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (PDF + bytes(131_072 - len(PDF) + 1), "proof.pdf", EvidenceTooLarge),
        (b"MZ\x90 not a PDF", "proof.pdf", EvidenceOfUnknownType),
        (b"", "proof.pdf", EvidenceOfUnknownType),
        (PDF, " ", InvalidInput),
        (PDF, "x" * 121, InvalidInput),
    ],
)
async def test_what_is_no_proof_is_refused(
    scene: Scene, time: Clock, content: bytes, name: str, refusal: type[Exception]
) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)

    with pytest.raises(refusal):
        await cancel(scene, time, content, name)

    assert await scene.status() is SpecialistStatus.SPECIALIST
    assert not await Evidence.exists()


async def test_what_is_not_base64_is_refused(scene: Scene, time: Clock) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)

    for text in ("%PDF", "JVBERi0", "JVBE Ri0=", "é"):
        with pytest.raises(InvalidInput):
            await specialists.cancel(
                viewer=scene.administrator,
                member_id=scene.member.id,
                reason="left",
                file_name="proof.pdf",
                file_base64=text,
                now=time.now,
            )

    assert await scene.status() is SpecialistStatus.SPECIALIST


async def test_a_cancelling_may_be_withdrawn_before_it_is_approved(
    scene: Scene, time: Clock
) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)
    await cancel(scene, time)

    await specialists.withdraw_cancelling(
        viewer=scene.administrator, member_id=scene.member.id, now=time.now
    )

    assert await scene.status() is SpecialistStatus.SPECIALIST
    with pytest.raises(WrongStatus):
        await specialists.approve_cancelling(
            viewer=scene.reviewer, member_id=scene.member.id, now=time.now
        )


async def test_the_platform_refuses_with_a_reason(scene: Scene, time: Clock) -> None:
    id = scene.member.id
    await specialists.apply(viewer=scene.administrator, member_id=id, now=time.now)

    with pytest.raises(InvalidInput):
        await specialists.reject(viewer=scene.reviewer, member_id=id, reason=" ", now=time.now)
    await specialists.reject(
        viewer=scene.reviewer, member_id=id, reason="no certificate", now=time.now
    )

    assert await scene.status() is SpecialistStatus.NONE
    assert (await Event.get(name="member.specialist_rejected")).reason == "no certificate"


async def test_a_refused_cancelling_leaves_a_specialist(scene: Scene, time: Clock) -> None:
    await scene.is_now(SpecialistStatus.SPECIALIST)
    await cancel(scene, time)

    await specialists.reject_cancelling(
        viewer=scene.reviewer, member_id=scene.member.id, reason="still listed", now=time.now
    )

    assert await scene.status() is SpecialistStatus.SPECIALIST


async def test_the_partner_can_not_approve_and_the_platform_can_not_apply(
    scene: Scene, time: Clock
) -> None:
    with pytest.raises(Forbidden):
        await specialists.apply(viewer=scene.reviewer, member_id=scene.member.id, now=time.now)
    await specialists.apply(viewer=scene.administrator, member_id=scene.member.id, now=time.now)
    with pytest.raises(Forbidden):
        await specialists.approve(
            viewer=scene.administrator, member_id=scene.member.id, now=time.now
        )

    assert await scene.status() is SpecialistStatus.APPLYING


async def test_staff_without_the_right_to_review_can_not(scene: Scene, time: Clock) -> None:
    await scene.is_now(SpecialistStatus.APPLYING)
    staff = await a_staff_viewer(Item.MEMBER_VIEW)

    with pytest.raises(Forbidden):
        await specialists.approve(viewer=staff, member_id=scene.member.id, now=time.now)

    assert await scene.status() is SpecialistStatus.APPLYING


async def test_other_partners_members_are_out_of_reach(time: Clock) -> None:
    distributor = await a_distributor()
    member = await a_member(of=await a_partner(distributor=distributor), now=time.now)

    for partner, refusal in (
        (distributor, ManagedByItsPartner),
        (await a_partner("Other"), NotFound),
    ):
        with pytest.raises(refusal):
            await specialists.apply(
                viewer=await an_administrator(of=partner), member_id=member.id, now=time.now
            )


async def test_who_was_unlinked_becomes_no_specialist(scene: Scene, time: Clock) -> None:
    await links.unlink(viewer=scene.administrator, member_id=scene.member.id, now=time.now)

    with pytest.raises(MemberUnlinked):
        await specialists.apply(viewer=scene.administrator, member_id=scene.member.id, now=time.now)


async def test_an_unknown_member_is_not_found(scene: Scene, time: Clock) -> None:
    with pytest.raises(NotFound):
        await specialists.apply(viewer=scene.administrator, member_id=UUID(int=1), now=time.now)
