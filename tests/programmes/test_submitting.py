"""Handing an application in: conditions, agreements, and joining at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.programmes import agreements, applications, catalogue, conditions, submissions
from domain.programmes.agreements import AgreementAlreadySigned
from domain.programmes.conditions import ConditionsNotMet, EntryCondition
from kit.problems import InvalidInput, NotFound, VersionConflict
from kit.transaction import transaction
from models.audit import Event
from models.certification import (
    BusinessInformation,
    BusinessInformationStatus,
    CertifiedRole,
    PathStage,
)
from models.partners import Partner
from models.programmes import (
    Admission,
    Agreement,
    AgreementSignature,
    Programme,
    ProgrammeApplication,
    ProgrammeEvidenceKind,
)
from models.programmes import ProgrammeApplicationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import an_administrator
from tests.programmes.factories import (
    a_certified_role,
    a_company,
    a_draft,
    a_membership,
    a_programme,
    a_reviewer,
    a_submission,
    accepted,
    business_information,
    proofs,
)

pytestmark = pytest.mark.usefixtures("presets")


async def missing(partner: Partner, programme: Programme, now: datetime) -> list[str]:
    """The codes that a submission without anything is refused with."""
    try:
        await a_submission(of=partner, programme=programme, now=now)
    except ConditionsNotMet as problem:
        return [each.code.value for each in problem.conditions]
    return []


async def test_a_programme_without_review_is_joined_at_once(time: Clock) -> None:
    """P-18, P-25."""
    partner = await a_company()
    await a_membership(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)

    joined = await a_submission(of=partner, programme=await Programme.get(code="PCE"), now=time.now)

    assert joined.status is Status.APPROVED
    assert (joined.submitted_at, joined.decided_at, joined.effective_from) == (time.now,) * 3
    assert joined.expires_at is None
    names = [event.name for event in await Event.filter(subject_id=joined.id).order_by("id")]
    assert names == ["programme_application.drafted", "programme_application.joined"]
    assert not await Timer.exists()


async def test_a_programme_without_review_still_has_conditions(time: Clock) -> None:
    """P-18."""
    partner = await a_company()
    await Partner.filter(id=partner.id).update(is_verified_enterprise=False)
    pce = await Programme.get(code="PCE")

    assert await missing(partner, pce, time.now) == [
        "ENTERPRISE_UNVERIFIED",
        "PROGRAMME_NOT_JOINED",
    ]
    assert not await ProgrammeApplication.exists(status=Status.APPROVED)


@pytest.mark.parametrize(
    ("founded", "at", "needs_proof"),
    [
        # A year to the day in Beijing, where it is 0:30 of the first of February.
        (date(2029, 2, 1), datetime(2030, 1, 31, 16, 30, tzinfo=UTC), False),
        # Half an hour earlier it is the last of January there.
        (date(2029, 2, 1), datetime(2030, 1, 31, 15, 59, 59, tzinfo=UTC), True),
        (date(2029, 2, 2), datetime(2030, 1, 31, 16, 30, tzinfo=UTC), True),
        (date(2028, 2, 29), datetime(2029, 2, 27, 16, 0, tzinfo=UTC), False),
        (date(2028, 2, 29), datetime(2029, 2, 27, 15, 59, 59, tzinfo=UTC), True),
        (None, datetime(2030, 1, 31, tzinfo=UTC), True),
    ],
)
async def test_a_company_younger_than_a_year_proves_its_shareholders(
    time: Clock, founded: date | None, at: datetime, needs_proof: bool
) -> None:
    """P-04, in Beijing's calendar: exactly one year needs no proof."""
    partner = await a_company(founded=founded)
    programme = await a_programme(needs_shareholder_proof=True)
    wanted = ["SHAREHOLDER_PROOF_MISSING"] if needs_proof else []

    assert await missing(partner, programme, at) == wanted


async def test_the_proof_of_shareholders_lets_a_young_company_in(time: Clock) -> None:
    """P-04."""
    partner = await a_company(founded=time.now.date())
    programme = await a_programme(needs_shareholder_proof=True)
    by = await an_administrator(partner)
    kinds = (ProgrammeEvidenceKind.SHAREHOLDER_PROOF,)
    draft = await a_draft(
        of=partner,
        programme=programme,
        by=by,
        evidence=await proofs(of=partner, now=time.now, kinds=kinds),
        now=time.now,
    )

    submitted = await submissions.submit(
        viewer=by, application_id=draft.id, expected_version=1, now=time.now
    )

    assert submitted.status is Status.SUBMITTED


@pytest.mark.parametrize(
    ("facts", "is_valid"),
    [
        ({}, True),
        ({"role": CertifiedRole.LEARNING}, False),
        ({"stage": PathStage.DIFFERENTIATED}, True),
        ({"stage": PathStage.SELECTED, "valid_from": None}, False),
        ({"valid_from": date(2030, 2, 2)}, False),
        ({"valid_from": date(2030, 2, 1)}, True),
        ({"valid_to": date(2030, 2, 1)}, True),
        ({"valid_to": date(2030, 1, 31)}, False),
    ],
)
async def test_one_of_the_roles_must_be_certified_on_the_day(
    time: Clock, facts: dict[str, Any], is_valid: bool
) -> None:
    """P-02; in Shanghai it is the first of February."""
    partner = await a_company()
    await a_certified_role(of=partner, **facts)
    programme = await a_programme(needed_roles=["SOFTWARE", "SERVICE"])
    wanted = [] if is_valid else ["ROLE_CERTIFICATION_MISSING"]

    assert await missing(partner, programme, time.now) == wanted


@pytest.mark.parametrize(
    ("status", "will_do"),
    [
        (BusinessInformationStatus.CERTIFIED, True),
        (BusinessInformationStatus.REVIEWING, True),
        (BusinessInformationStatus.FAILED, False),
        (BusinessInformationStatus.SUPERSEDED, False),
    ],
)
async def test_business_information_must_have_been_handed_in(
    time: Clock, status: BusinessInformationStatus, will_do: bool
) -> None:
    """P-10: to join it is enough that it is with the platform."""
    partner = await a_company()
    await business_information(of=partner, status=status)
    programme = await a_programme(needs_business_info=True)
    wanted = [] if will_do else ["BUSINESS_INFORMATION_MISSING"]

    assert await missing(partner, programme, time.now) == wanted


async def test_a_programme_is_for_the_kinds_of_partners_that_it_names(time: Clock) -> None:
    partner = await a_company()
    programme = await a_programme(partner_kinds=["DISTRIBUTOR", "RESELLER"])

    assert await missing(partner, programme, time.now) == ["KIND_NOT_ELIGIBLE"]


async def test_a_statement_is_asked_for_where_somebody_reads_it(time: Clock) -> None:
    by = await an_administrator(await a_company())
    for code, admission, wanted in (
        ("READ", Admission.REVIEW, [EntryCondition.STATEMENT_MISSING]),
        ("UNREAD", Admission.IMMEDIATE, []),
    ):
        programme = await a_programme(code, admission=admission)
        draft = await applications.create(viewer=by, programme_id=programme.id, now=time.now)
        found: list[EntryCondition] = []
        try:
            await submissions.submit(
                viewer=by, application_id=draft.id, expected_version=1, now=time.now
            )
        except ConditionsNotMet as problem:
            found = [each.code for each in problem.conditions]
        assert found == wanted


async def test_what_is_ticked_is_signed_once_with_version_hash_name_and_time(time: Clock) -> None:
    """P-03, P-09."""
    partner = await a_company()
    by = await an_administrator(partner)
    hcpn = await Programme.get(code="HCPN")
    await a_submission(of=partner, programme=hcpn, by=by, now=time.now)

    signatures = await AgreementSignature.all().prefetch_related("agreement")

    assert {each.agreement.code for each in signatures} == {"HCPN_AGREEMENT", "CODE_OF_CONDUCT"}
    for signature in signatures:
        assert signature.signed_at == time.now
        assert (signature.signed_by, signature.signer_name) == (by.person_id, "Han Meimei")
        assert signature.text_sha256 == agreements.text_hash(signature.agreement.text)
        assert not signature.on_paper
    assert await Event.filter(name="agreement_signature.signed").count() == 2
    # The code of conduct is asked for again, and is signed already.
    await a_submission(
        of=partner,
        programme=await a_programme(agreement_codes=["CODE_OF_CONDUCT"]),
        by=by,
        now=time.now,
    )
    assert await AgreementSignature.all().count() == 2


async def test_only_the_version_in_force_will_do(time: Clock) -> None:
    """P-03: a new version has to be accepted by who signed the last one."""
    partner = await a_company()
    by = await an_administrator(partner)
    programme = await a_programme(agreement_codes=["CODE_OF_CONDUCT"])
    old = await Agreement.get(code="CODE_OF_CONDUCT")
    async with transaction():
        await agreements.sign(viewer=by, partner_id=partner.id, agreements=[old], now=time.now)
    new = await catalogue.publish(
        code="CODE_OF_CONDUCT",
        version="2.0",
        name="准则",
        name_en="Code",
        text="新",
        text_en="new",
        effective_at=time.now + timedelta(days=1),
        now=time.now,
    )
    draft = await a_draft(of=partner, programme=programme, by=by, now=time.now)
    assert [each.version for each in await accepted(programme, time.now)] == ["1.0"]

    time.forward(days=1)
    for ticked in ([], [old.id]):
        with pytest.raises(ConditionsNotMet) as refusal:
            await submissions.submit(
                viewer=by,
                application_id=draft.id,
                expected_version=1,
                accepted_agreement_ids=ticked,
                now=time.now,
            )
        assert [each.wanted for each in refusal.value.conditions] == [["CODE_OF_CONDUCT 2.0"]]
    await submissions.submit(
        viewer=by,
        application_id=draft.id,
        expected_version=1,
        accepted_agreement_ids=[new.id],
        now=time.now,
    )

    assert {row.agreement_id for row in await AgreementSignature.all()} == {old.id, new.id}


async def test_what_is_signed_on_paper_is_not_ticked(time: Clock) -> None:
    """P-21."""
    partner = await a_company()
    programme = await Programme.get(code="PROCUREMENT")
    reviewer = await a_reviewer()
    framework = await Agreement.get(code="PROCUREMENT_FRAMEWORK")
    assert await missing(partner, programme, time.now) == ["AGREEMENT_NOT_ACCEPTED"]

    signed_at = time.now - timedelta(days=9)
    signature = await agreements.record_paper(
        viewer=reviewer,
        partner_id=partner.id,
        agreement_id=framework.id,
        signer_name="Li Lei",
        signed_at=signed_at,
        now=time.now,
    )
    by = await an_administrator(partner)
    draft = await ProgrammeApplication.get(partner_id=partner.id)
    submitted = await submissions.submit(
        viewer=by, application_id=draft.id, expected_version=1, now=time.now
    )

    assert submitted.status is Status.SUBMITTED
    assert (signature.signer_name, signature.signed_at, signature.on_paper) == (
        "Li Lei",
        signed_at,
        True,
    )
    with pytest.raises(AgreementAlreadySigned):
        await agreements.record_paper(
            viewer=reviewer,
            partner_id=partner.id,
            agreement_id=framework.id,
            signer_name="Li Lei",
            signed_at=signed_at,
            now=time.now,
        )
    assert await AgreementSignature.all().count() == 1


async def test_a_signature_on_paper_is_recorded_for_what_is_signed_on_paper_only(
    time: Clock,
) -> None:
    partner, reviewer = await a_company(), await a_reviewer()
    online = await Agreement.get(code="CSP_AGREEMENT")
    paper = await Agreement.get(code="PROCUREMENT_FRAMEWORK")

    for agreement_id, partner_id, name, after, problem in (
        (online.id, partner.id, "Li Lei", timedelta(0), InvalidInput),
        (paper.id, partner.id, "Li Lei", timedelta(microseconds=1), InvalidInput),
        (paper.id, partner.id, " ", timedelta(0), InvalidInput),
        (paper.id, paper.id, "Li Lei", timedelta(0), NotFound),
        (partner.id, partner.id, "Li Lei", timedelta(0), NotFound),
    ):
        with pytest.raises(problem):
            await agreements.record_paper(
                viewer=reviewer,
                partner_id=partner_id,
                agreement_id=agreement_id,
                signer_name=name,
                signed_at=time.now + after,
                now=time.now,
            )

    assert not await AgreementSignature.exists()
    assert not await Event.exists()


async def test_the_draft_that_is_submitted_is_the_one_that_was_read(time: Clock) -> None:
    partner = await a_company()
    by = await an_administrator(partner)
    draft = await a_draft(of=partner, programme=await a_programme(), by=by, now=time.now)

    with pytest.raises(VersionConflict):
        await submissions.submit(
            viewer=by, application_id=draft.id, expected_version=2, now=time.now
        )

    assert (await ProgrammeApplication.get(id=draft.id)).status is Status.DRAFT


async def test_withdrawn_it_is_a_draft_again_and_can_be_handed_in_again(time: Clock) -> None:
    partner = await a_company()
    by, programme = await an_administrator(partner), await Programme.get(code="HCPN")
    submitted = await a_submission(of=partner, programme=programme, by=by, now=time.now)

    draft = await submissions.withdraw(viewer=by, application_id=submitted.id, now=time.now)
    stored = await ProgrammeApplication.get(id=draft.id)
    assert (stored.status, stored.submitted_at, stored.snapshot) == (Status.DRAFT, None, {})
    again = await submissions.submit(
        viewer=by, application_id=draft.id, expected_version=stored.version, now=time.now
    )

    assert again.status is Status.SUBMITTED
    assert await AgreementSignature.all().count() == 2  # what was signed stays signed
    names = [event.name for event in await Event.filter(subject_id=draft.id).order_by("id")]
    assert [name.removeprefix("programme_application.") for name in names] == [
        "drafted",
        "submitted",
        "withdrawn",
        "submitted",
    ]


async def test_every_condition_has_texts_in_both_languages() -> None:
    for code in EntryCondition:
        condition = conditions.MissingCondition(code, "P-02", ["X"])
        assert condition.in_words("zh") != condition.in_words("en")
    assert not await BusinessInformation.exists()
