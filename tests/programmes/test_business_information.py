"""Certifying bank account and tax facts (P-10)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.programmes import business_information
from domain.programmes.business_information import BusinessInformationUnderReview
from kit import ids
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.certification import BusinessInformation, TaxpayerKind
from models.certification import BusinessInformationStatus as Status
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator, an_operator, as_operator
from tests.programmes import factories
from tests.programmes.conftest import Ask, Refused
from tests.programmes.factories import a_company, a_reviewer

pytestmark = pytest.mark.usefixtures("presets")

FACTS: dict[str, Any] = {
    "legal_name": "Acme Ltd.",
    "bank_name": "Bank of Shenzhen, Nanshan",
    "bank_account": "6222 0212-3456 7890",
    "taxpayer_kind": TaxpayerKind.GENERAL,
    "fee_tax_rate": Decimal("0.06"),
    "currency": "CNY",
    "signing_entity": "Cloud Computing Co.",
}


async def submit(by: Viewer, time: Clock, **other: Any) -> BusinessInformation:
    return await business_information.submit(viewer=by, now=time.now, **(FACTS | other))


async def test_from_submission_to_certification_and_the_next_one(time: Clock) -> None:
    partner = await a_company()
    by, reviewer = await an_administrator(partner), await a_reviewer()

    first = await submit(by, time)
    assert (first.status, first.bank_account) == (Status.REVIEWING, "6222021234567890")
    assert not await business_information.is_certified(partner_id=partner.id)
    await business_information.certify(
        viewer=reviewer, business_information_id=first.id, now=time.now
    )
    assert await business_information.is_certified(partner_id=partner.id)

    time.forward(days=30)
    second = await submit(by, time, bank_account="CN00ABCD1234")
    assert (await BusinessInformation.get(id=first.id)).status is Status.CERTIFIED
    await business_information.certify(
        viewer=reviewer, business_information_id=second.id, now=time.now
    )

    rows = {row.id: row for row in await BusinessInformation.all()}
    assert (rows[first.id].status, rows[second.id].status) == (
        Status.SUPERSEDED,
        Status.CERTIFIED,
    )
    assert rows[second.id].decided_at == time.now
    assert [event.name for event in await Event.filter(subject_id=first.id).order_by("id")] == [
        "business_information.submitted",
        "business_information.certified",
        "business_information.superseded",
    ]
    told = str([(event.before, event.after) for event in await Event.all()])
    assert "6222" not in told


async def test_refused_it_says_why_and_what_was_certified_stays(time: Clock) -> None:
    partner = await a_company()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    certified = await factories.business_information(of=partner)
    submitted = await submit(by, time)

    failed = await business_information.fail(
        viewer=reviewer,
        business_information_id=submitted.id,
        reason="The account is another's.",
        now=time.now,
    )

    assert (failed.status, failed.decision_reason) == (Status.FAILED, "The account is another's.")
    assert (await BusinessInformation.get(id=certified.id)).status is Status.CERTIFIED
    for again in (business_information.certify, business_information.fail):
        more = {"reason": "x"} if again is business_information.fail else {}
        with pytest.raises(WrongStatus):
            await again(viewer=reviewer, business_information_id=submitted.id, now=time.now, **more)
    assert (await submit(by, time)).status is Status.REVIEWING


async def test_one_submission_is_reviewed_at_a_time(time: Clock) -> None:
    by = await an_administrator(await a_company())
    await submit(by, time)

    with pytest.raises(BusinessInformationUnderReview):
        await submit(by, time)

    assert await BusinessInformation.all().count() == 1


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("legal_name", " ", "legalName"),
        ("bank_name", "x" * 161, "bankName"),
        ("bank_account", "12345", "bankAccount"),
        ("bank_account", "1" * 35, "bankAccount"),
        ("bank_account", "1234567; drop", "bankAccount"),
        ("fee_tax_rate", Decimal("1"), "feeTaxRatio"),
        ("fee_tax_rate", Decimal("-0.01"), "feeTaxRatio"),
        ("fee_tax_rate", Decimal("0.00001"), "feeTaxRatio"),
        ("currency", "XXX", "currency"),
        ("signing_entity", "", "signingEntity"),
    ],
)
async def test_what_can_not_be_is_refused_by_its_field(
    time: Clock, field: str, value: Any, path: str
) -> None:
    by = await an_administrator(await a_company())

    with pytest.raises(InvalidInput) as refusal:
        await submit(by, time, **{field: value})

    assert refusal.value.path == ("input", path)
    assert not await BusinessInformation.exists()


@pytest.mark.parametrize("rate", ["0", "0.01", "0.9999"])
async def test_a_rate_is_kept_as_it_was_said(time: Clock, rate: str) -> None:
    by = await an_administrator(await a_company())

    submitted = await submit(by, time, fee_tax_rate=Decimal(rate))

    assert (await BusinessInformation.get(id=submitted.id)).fee_tax_rate == Decimal(rate)


async def test_finance_hands_it_in_and_an_account_manager_does_not(time: Clock) -> None:
    partner = await a_company()
    finance = await as_operator(await an_operator(of=partner, role=Preset.FINANCE))
    manager = await as_operator(await an_operator(of=partner, role=Preset.ACCOUNT_MANAGER))

    with pytest.raises(Forbidden):
        await submit(manager, time)

    assert (await submit(finance, time)).submitted_by == finance.person_id


Decide = Callable[..., Awaitable[Any]]


@pytest.mark.parametrize(
    ("decide", "more"),
    [(business_information.certify, {}), (business_information.fail, {"reason": "no"})],
)
async def test_only_the_platform_decides(time: Clock, decide: Decide, more: Any) -> None:
    partner = await a_company()
    submitted = await submit(await an_administrator(partner), time)

    for viewer, problem in (
        (await an_administrator(partner), Forbidden),
        (await an_administrator(await a_partner("Other")), Forbidden),
    ):
        with pytest.raises(problem):
            await decide(viewer=viewer, business_information_id=submitted.id, now=time.now, **more)
    with pytest.raises(NotFound):
        await decide(
            viewer=await a_reviewer(), business_information_id=ids.new_id(), now=time.now, **more
        )

    assert (await BusinessInformation.get(id=submitted.id)).status is Status.REVIEWING


SUBMIT = """
mutation ($input: BusinessInformationSubmitInput!) {
  businessInformationSubmit(input: $input) {
    businessInformation {
      status legalName bankAccount taxpayerKind feeTaxRatio currency signingEntity
      availableActions { name allowed blockedBy { code } }
    }
    errors { code path }
  }
}
"""
LIST = """
query ($filter: BusinessInformationFilter) {
  businessInformations(first: 5, filter: $filter) { nodes { status partner { name } } }
}
"""


async def test_the_api_masks_the_account_and_lists_what_is_to_be_reviewed(
    ask: Ask, time: Clock
) -> None:
    partner = await a_company("Acme")
    finance = await as_operator(await an_operator(of=partner, role=Preset.FINANCE))
    manager = await as_operator(await an_operator(of=partner, role=Preset.ACCOUNT_MANAGER))
    input = {
        "legalName": "Acme Ltd.",
        "bankName": "Bank",
        "bankAccount": "6222021234567890",
        "taxpayerKind": "SMALL_SCALE",
        "feeTaxRatio": "0.01",
        "currency": "CNY",
        "signingEntity": "Cloud",
    }

    answer = (await ask(SUBMIT, by=finance, input=input))["businessInformationSubmit"]

    assert answer == {
        "businessInformation": {
            "status": "REVIEWING",
            "legalName": "Acme Ltd.",
            "bankAccount": "****7890",
            "taxpayerKind": "SMALL_SCALE",
            "feeTaxRatio": "0.0100",
            "currency": "CNY",
            "signingEntity": "Cloud",
            "availableActions": [
                {
                    "name": name,
                    "allowed": False,
                    "blockedBy": {"code": "FORBIDDEN"},
                }
                for name in ("businessInformationCertify", "businessInformationFail")
            ],
        },
        "errors": [],
    }
    reviewer = await a_reviewer(Item.PARTNER_VIEW)
    for status, found in (("REVIEWING", ["Acme"]), ("CERTIFIED", [])):
        page = await ask(LIST, by=reviewer, filter={"status": [status], "partner": "acm"})
        nodes = page["businessInformations"]["nodes"]
        assert [node["partner"]["name"] for node in nodes] == found
    with pytest.raises(Refused) as refusal:
        await ask(LIST, by=manager)
    assert refusal.value.codes == ["FORBIDDEN"]
