"""What a partner says of itself, and may change itself."""

from typing import Any

import pytest

from domain.identity.presets import Preset
from domain.partners import profile
from kit import ids
from kit.problems import Forbidden, InvalidInput, NotFound, VersionConflict
from models.audit import Event
from models.partners import Partner, PartnerKind
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)
from tests.programmes.conftest import Ask

pytestmark = pytest.mark.usefixtures("database")

PROFILE: dict[str, Any] = {
    "name_en": "Acme Ltd.",
    "city": "Shenzhen",
    "contact_name": "Li Lei",
    "contact_email": "LiLei@Example.com",
    "contact_phone": "+86 138-1234-5678",
}
NOTHING = dict.fromkeys(PROFILE)
EDIT = """
mutation ($input: PartnerProfileEditInput!) {
  partnerProfileEdit(input: $input) {
    partner { nameEn city contactName contactEmail contactPhone version }
    errors { code path }
  }
}
"""


async def test_a_partner_edits_its_own_profile(ask: Ask, time: Clock) -> None:
    partner = await a_partner("Acme")
    by = await an_administrator(partner)

    answer = await ask(
        EDIT,
        by=by,
        input={
            "expectedVersion": 1,
            "nameEn": "Acme Ltd.",
            "city": " Shenzhen ",
            "contactName": "Li Lei",
            "contactEmail": "LiLei@Example.com",
            "contactPhone": "+86 138-1234-5678",
        },
    )

    assert answer["partnerProfileEdit"] == {
        "partner": {
            "nameEn": "Acme Ltd.",
            "city": "Shenzhen",
            "contactName": "Li Lei",
            "contactEmail": "lilei@example.com",
            "contactPhone": "+86 138-1234-5678",
            "version": 2,
        },
        "errors": [],
    }
    event = await Event.get(name="partner.edited")
    assert event.after == {
        "name_en": "Acme Ltd.",
        "city": "Shenzhen",
        "contact_name": "Li Lei",
        "contact_email": "***",
        "contact_phone": "***",
    }


async def test_what_is_left_out_is_none_and_only_what_changed_is_told(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    await profile.edit(viewer=by, expected_version=1, now=time.now, **PROFILE)

    edited = await profile.edit(
        viewer=by, expected_version=2, now=time.now, **(PROFILE | {"city": None})
    )

    assert (edited.city, edited.name_en) == (None, "Acme Ltd.")
    event = await Event.filter(name="partner.edited").order_by("-id").first()
    assert event is not None
    assert (event.before, event.after) == ({"city": "Shenzhen"}, {"city": None})


async def test_a_lost_update_is_seen(time: Clock) -> None:
    by = await an_administrator(await a_partner())

    with pytest.raises(VersionConflict) as refusal:
        await profile.edit(viewer=by, expected_version=2, now=time.now, **PROFILE)

    assert refusal.value.current == 1
    assert not await Event.exists()


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("name_en", "x" * 161, "nameEn"),
        ("city", "x" * 81, "city"),
        ("contact_name", "Li\nLei", "contactName"),
        ("contact_email", "no mail", "contactEmail"),
        ("contact_phone", "call me", "contactPhone"),
        ("contact_phone", "1", "contactPhone"),
    ],
)
async def test_what_can_not_be_is_refused_by_its_field(
    time: Clock, field: str, value: str, path: str
) -> None:
    by = await an_administrator(await a_partner())

    with pytest.raises(InvalidInput) as refusal:
        await profile.edit(
            viewer=by, expected_version=1, now=time.now, **(NOTHING | {field: value})
        )

    assert refusal.value.path == ("input", path)
    assert not await Event.exists()


async def test_nobody_edits_another_partner(time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    manager = await as_operator(await an_operator(of=reseller, role=Preset.ACCOUNT_MANAGER))

    for viewer, problem in (
        (await an_administrator(distributor), NotFound),
        (await an_administrator(await a_partner("Other")), NotFound),
        (manager, Forbidden),
        (await as_person(await a_person()), Forbidden),
    ):
        with pytest.raises(problem):
            await profile.edit(
                viewer=viewer, partner_id=reseller.id, expected_version=1, now=time.now, **PROFILE
            )

    assert (await Partner.get(id=reseller.id)).version == 1


async def test_merchants_are_partners_of_their_own_kind(ask: Ask, time: Clock) -> None:
    merchant = await a_partner("Shop", kind=PartnerKind.MERCHANT)
    query = "query ($id: ID!) { partner(id: $id) { kind isVerifiedEnterprise } }"

    found = await ask(query, by=await an_administrator(merchant), id=ids.encode("ptn", merchant.id))

    assert found["partner"] == {"kind": "MERCHANT", "isVerifiedEnterprise": True}
