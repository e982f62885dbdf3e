"""Development paths: chosen, counted, judged by what is asked on the day (P-13 to P-17)."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.identity.viewer import Viewer
from domain.programmes import held_certificates, paths, stages
from domain.programmes.certification_guards import RoleNotCertified
from domain.programmes.paths import PathAlreadySelected, PathByInvitation, PathNotSelected
from domain.programmes.stages import Lacking, Needed
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound
from models.audit import Event
from models.certification import (
    Achievement,
    CertificateKind,
    CertifiedRole,
    HeldCertificate,
    PathRequirement,
    PathStage,
    RoleCertification,
)
from models.partners import Partner
from models.programmes import Programme
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import LONG_AGO, an_administrator
from tests.programmes.conftest import Ask
from tests.programmes.factories import (
    a_certified_role,
    a_company,
    a_membership,
    a_reviewer,
)

pytestmark = pytest.mark.usefixtures("presets")

HCIA, HCIP, HCSA, HCSP = CertificateKind
TODAY = date(2030, 2, 1)  # in Shanghai, when tests begin


async def on_path(role: CertifiedRole, time: Clock) -> tuple[Partner, Viewer]:
    partner = await a_company()
    await paths.select(viewer=await an_administrator(partner), role=role, now=time.now)
    return partner, await a_reviewer()


async def achieve(
    partner: Partner,
    reviewer: Viewer,
    time: Clock,
    role: CertifiedRole,
    achievement: Achievement,
    count: int,
    on: date = TODAY,
) -> RoleCertification:
    return await paths.record_achievement(
        viewer=reviewer,
        partner_id=partner.id,
        role=role,
        achievement=achievement,
        count=count,
        on=on,
        now=time.now,
    )


async def hold(
    partner: Partner, reviewer: Viewer, time: Clock, account: str, *kinds: CertificateKind
) -> None:
    await held_certificates.record(
        viewer=reviewer,
        partner_id=partner.id,
        account_name=account,
        kinds=kinds,
        obtained_on=TODAY,
        now=time.now,
    )


async def test_the_software_path_from_its_start_to_its_end(time: Clock) -> None:
    """P-13, P-14."""
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    row = await RoleCertification.get(partner_id=partner.id)
    assert (row.stage, row.valid_from) == (PathStage.SELECTED, None)
    assert row.missing == [{"achievement": "CERTIFIED_SOLUTION", "have": 0, "least": 1}]

    software = CertifiedRole.SOFTWARE
    certified = await achieve(partner, reviewer, time, software, Achievement.CERTIFIED_SOLUTION, 1)
    assert (certified.stage, certified.valid_from) == (PathStage.CERTIFIED, TODAY)
    assert [each["achievement"] for each in certified.missing] == ["ADVANCED_SOLUTION"]

    different = await achieve(partner, reviewer, time, software, Achievement.ADVANCED_SOLUTION, 1)
    assert (different.stage, different.missing) == (PathStage.DIFFERENTIATED, [])
    assert different.achievements == {"CERTIFIED_SOLUTION": 1, "ADVANCED_SOLUTION": 1}

    lost = await achieve(partner, reviewer, time, software, Achievement.CERTIFIED_SOLUTION, 0)
    assert (lost.stage, lost.valid_from) == (PathStage.SELECTED, None)
    changes = [
        (event.before["stage"], event.after["stage"])
        for event in await Event.filter(name="role_certification.judged").order_by("id")
    ]
    assert changes == [
        ("SELECTED", "SELECTED"),
        ("SELECTED", "CERTIFIED"),
        ("CERTIFIED", "DIFFERENTIATED"),
        ("DIFFERENTIATED", "SELECTED"),
    ]


async def test_certificates_are_counted_by_account(time: Clock) -> None:
    """P-16: HCSA and HCSP of one account count once, of two accounts not at all."""
    partner, reviewer = await on_path(CertifiedRole.SERVICE, time)

    await hold(partner, reviewer, time, "lilei", HCSA, HCIA)
    await hold(partner, reviewer, time, "hanmeimei", HCSP, HCIA, HCIP)
    row = await RoleCertification.get(partner_id=partner.id)
    assert row.achievements == {"HCIA": 2, "HCIP": 1}

    await hold(partner, reviewer, time, "lilei", HCSA, HCSP, HCSP)
    row = await RoleCertification.get(partner_id=partner.id)
    assert row.achievements == {"HCIA": 1, "HCIP": 1, "HCSA_HCSP": 1}
    assert await HeldCertificate.all().count() == 5
    told = await Event.filter(name="partner.certificates_recorded").order_by("-id").first()
    assert told is not None
    assert (told.before, told.after) == (
        {"certificates": ["HCIA", "HCSA"]},
        {"account": "lilei", "certificates": ["HCSA", "HCSP"]},
    )


@pytest.mark.parametrize(
    ("hcia", "hcip", "stage"),
    [
        (2, 2, PathStage.CERTIFIED),
        (0, 4, PathStage.CERTIFIED),  # P-16: four HCIP when there is no HCIA
        (1, 3, PathStage.CERTIFIED),
        (0, 3, PathStage.SELECTED),
        (4, 1, PathStage.SELECTED),  # HCIA doesn't stand in for HCIP
        (1, 2, PathStage.SELECTED),
    ],
)
async def test_hcip_beyond_what_is_needed_stands_in_for_hcia(
    time: Clock, hcia: int, hcip: int, stage: PathStage
) -> None:
    """P-16."""
    partner, reviewer = await on_path(CertifiedRole.SERVICE, time)
    await hold(partner, reviewer, time, "sales", HCSA, HCSP)
    for kind, count in ((HCIA, hcia), (HCIP, hcip)):
        for number in range(count):
            await hold(partner, reviewer, time, f"{kind}-{number}", kind)

    assert (await RoleCertification.get(partner_id=partner.id)).stage is stage


def test_a_surplus_stands_in_once() -> None:
    needed = [
        Needed(Achievement.HCIA, 2, Achievement.HCIP),
        Needed(Achievement.HCSA_HCSP, 2, Achievement.HCIP),
        Needed(Achievement.HCIP, 1),
    ]

    assert stages.missing(needed, {"HCIP": 4, "HCIA": 1}) == []
    assert stages.missing(needed, {"HCIP": 4}) == [Lacking(Achievement.HCSA_HCSP, 1, 2)]
    assert stages.missing(needed, {}) == [
        Lacking(Achievement.HCIA, 0, 2),
        Lacking(Achievement.HCSA_HCSP, 0, 2),
        Lacking(Achievement.HCIP, 0, 1),
    ]


def test_a_stage_that_asks_for_nothing_is_not_reached() -> None:
    path: stages.Path = {
        PathStage.CERTIFIED: [],
        PathStage.DIFFERENTIATED: [Needed(Achievement.HCIP, 0)],
    }

    assert stages.judge(path, {"HCIP": 9}).stage is PathStage.SELECTED


async def test_the_requirements_of_the_day_apply(time: Clock) -> None:
    """P-17: a new year's policy is rows with a later day."""
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    policy: dict[str, Any] = {
        "created_at": LONG_AGO,
        "role": CertifiedRole.SOFTWARE,
        "stage": PathStage.CERTIFIED,
    }
    await PathRequirement.create(
        **policy, achievement=Achievement.CERTIFIED_SOLUTION, least=3, valid_from=TODAY
    )
    await PathRequirement.create(
        **policy, achievement=Achievement.DELIVERED_PROJECT, least=1, valid_from=date(2030, 2, 2)
    )
    solutions, software = Achievement.CERTIFIED_SOLUTION, CertifiedRole.SOFTWARE

    before = await achieve(
        partner, reviewer, time, software, solutions, 1, on=TODAY - timedelta(days=1)
    )
    assert before.stage is PathStage.CERTIFIED
    today = await achieve(partner, reviewer, time, software, solutions, 1)
    assert (today.stage, today.missing) == (
        PathStage.SELECTED,
        [{"achievement": "CERTIFIED_SOLUTION", "have": 1, "least": 3}],
    )
    enough = await achieve(partner, reviewer, time, software, solutions, 3)
    assert enough.stage is PathStage.CERTIFIED
    time.forward(days=1)
    tomorrow = await achieve(partner, reviewer, time, software, solutions, 3, on=date(2030, 2, 2))
    assert [each["achievement"] for each in tomorrow.missing] == ["DELIVERED_PROJECT"]


async def test_the_learning_path_is_for_invited_partners(time: Clock) -> None:
    """P-15."""
    partner = await a_company()
    by = await an_administrator(partner)
    with pytest.raises(PathByInvitation) as refusal:
        await paths.select(viewer=by, role=CertifiedRole.LEARNING, now=time.now)
    assert refusal.value.programme == "LEARNING_ENABLEMENT"
    assert not await RoleCertification.exists()

    await Programme.filter(code="LEARNING_ENABLEMENT").update(
        admission="REVIEW", needed_programmes=[]
    )
    learning = await Programme.get(code="LEARNING_ENABLEMENT")
    member = await a_membership(of=partner, programme=learning, now=time.now)
    selected = await paths.select(viewer=by, role=CertifiedRole.LEARNING, now=time.now)

    assert selected.stage is PathStage.SELECTED
    assert member.expires_at is not None
    other = await a_company("Late")
    await a_membership(of=other, programme=learning, now=time.now)
    with pytest.raises(PathByInvitation):
        await paths.select(
            viewer=await an_administrator(other), role=CertifiedRole.LEARNING, now=member.expires_at
        )


async def test_a_path_is_chosen_once_and_counts_what_is_held_already(time: Clock) -> None:
    partner, reviewer = await a_company(), await a_reviewer()
    by = await an_administrator(partner)
    for account in "abcd":
        await hold(partner, reviewer, time, account, HCIP, HCSA, HCSP)

    selected = await paths.select(viewer=by, role=CertifiedRole.SERVICE, now=time.now)

    assert selected.stage is PathStage.CERTIFIED
    with pytest.raises(PathAlreadySelected):
        await paths.select(viewer=by, role=CertifiedRole.SERVICE, now=time.now)
    assert await RoleCertification.all().count() == 1


async def test_a_certification_with_a_last_day_ends_with_that_day_in_shanghai(
    time: Clock,
) -> None:
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    row = await achieve(
        partner, reviewer, time, CertifiedRole.SOFTWARE, Achievement.CERTIFIED_SOLUTION, 1
    )

    limited = await paths.set_validity(
        viewer=reviewer, certification_id=row.id, valid_to=TODAY, now=time.now
    )
    assert limited.expires_at is not None
    assert limited.expires_at.isoformat() == "2030-02-02T00:00:00+08:00"
    assert (await Timer.get()).due_at == limited.expires_at
    for now in (limited.expires_at, limited.expires_at + timedelta(hours=1)):
        with pytest.raises(RoleNotCertified):
            await paths.set_validity(
                viewer=reviewer, certification_id=row.id, valid_to=None, now=now
            )

    endless = await paths.set_validity(
        viewer=reviewer,
        certification_id=row.id,
        valid_to=None,
        now=limited.expires_at - timedelta(microseconds=1),
    )
    assert (endless.valid_to, endless.expires_at) == (None, None)
    assert (await Timer.get()).state == "CANCELLED"


async def test_judged_after_its_end_it_begins_anew(time: Clock) -> None:
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    solutions, software = Achievement.CERTIFIED_SOLUTION, CertifiedRole.SOFTWARE
    row = await achieve(partner, reviewer, time, software, solutions, 1)
    await paths.set_validity(viewer=reviewer, certification_id=row.id, valid_to=TODAY, now=time.now)

    time.forward(days=10)
    renewed = await achieve(partner, reviewer, time, software, solutions, 2, on=date(2030, 2, 10))

    assert (renewed.stage, renewed.valid_from, renewed.valid_to) == (
        PathStage.CERTIFIED,
        date(2030, 2, 10),
        None,
    )
    names = [event.name for event in await Event.filter(subject_id=row.id).order_by("id")]
    assert names[-2:] == ["role_certification.expired", "role_certification.judged"]
    assert not await Timer.exists(state="SCHEDULED")


async def test_what_can_not_be_is_refused_and_nothing_is_judged(time: Clock) -> None:
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    software, solutions = CertifiedRole.SOFTWARE, Achievement.CERTIFIED_SOLUTION
    judged = await Event.all().count()

    for role, achievement, count, on, problem in (
        (CertifiedRole.SERVICE, solutions, 1, TODAY, PathNotSelected),
        (software, Achievement.HCIA, 1, TODAY, InvalidInput),
        (software, solutions, -1, TODAY, InvalidInput),
        (software, solutions, 10_001, TODAY, InvalidInput),
        (software, solutions, 1, TODAY + timedelta(days=1), InvalidInput),
    ):
        with pytest.raises(problem):
            await achieve(partner, reviewer, time, role, achievement, count, on=on)
    for account, obtained in (("", TODAY), ("x" * 65, TODAY), ("a", TODAY + timedelta(days=1))):
        with pytest.raises(InvalidInput):
            await held_certificates.record(
                viewer=reviewer,
                partner_id=partner.id,
                account_name=account,
                kinds=[HCIA],
                obtained_on=obtained,
                now=time.now,
            )
    row = await a_certified_role(of=partner)
    with pytest.raises(InvalidInput):
        await paths.set_validity(
            viewer=reviewer,
            certification_id=row.id,
            valid_to=TODAY - timedelta(days=1),
            now=time.now,
        )
    with pytest.raises(NotFound):
        await paths.set_validity(
            viewer=reviewer, certification_id=new_id(), valid_to=None, now=time.now
        )

    assert await Event.all().count() == judged
    assert not await HeldCertificate.exists()


async def test_partners_choose_and_the_platform_records(time: Clock) -> None:
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    by = await an_administrator(partner)

    with pytest.raises(Forbidden):
        await achieve(partner, by, time, CertifiedRole.SOFTWARE, Achievement.CERTIFIED_SOLUTION, 1)
    with pytest.raises(Forbidden):
        await hold(partner, by, time, "lilei", HCIA)
    with pytest.raises(Forbidden):
        await paths.select(viewer=reviewer, role=CertifiedRole.SERVICE, now=time.now)


QUERY = """
query ($partner: ID!) {
  partner(id: $partner) { roleCertifications {
    role stage validFrom validTo judgedOn
    achievements { achievement count } missing { achievement have least }
    deadline { dueAt } availableActions { name blockedBy { code } }
  } }
}
"""


async def test_the_api_shows_the_way_so_far_and_the_way_ahead(ask: Ask, time: Clock) -> None:
    partner, reviewer = await on_path(CertifiedRole.SOFTWARE, time)
    row = await achieve(
        partner, reviewer, time, CertifiedRole.SOFTWARE, Achievement.CERTIFIED_SOLUTION, 1
    )
    await paths.set_validity(viewer=reviewer, certification_id=row.id, valid_to=TODAY, now=time.now)
    by, id = await an_administrator(partner), f"ptn_{partner.id.hex}"

    [shown] = (await ask(QUERY, by=by, partner=id))["partner"]["roleCertifications"]
    assert shown == {
        "role": "SOFTWARE",
        "stage": "CERTIFIED",
        "validFrom": "2030-02-01",
        "validTo": "2030-02-01",
        "judgedOn": "2030-02-01",
        "achievements": [{"achievement": "CERTIFIED_SOLUTION", "count": 1}],
        "missing": [{"achievement": "ADVANCED_SOLUTION", "have": 0, "least": 1}],
        "deadline": {"dueAt": "2030-02-01T16:00:00.000000Z"},
        "availableActions": [
            {"name": "roleCertificationValiditySet", "blockedBy": {"code": "FORBIDDEN"}},
            {"name": "roleCertificateIssue", "blockedBy": None},
        ],
    }
    time.forward(days=1)
    [later] = (await ask(QUERY, by=by, partner=id))["partner"]["roleCertifications"]
    assert (later["stage"], later["validFrom"]) == ("SELECTED", None)
    assert later["availableActions"][1]["blockedBy"] == {"code": "ROLE_NOT_CERTIFIED"}
