"""API keys: what they may hold, how long they live, how their secrets change."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.identity import api_keys, recognition
from domain.identity.api_keys import ApiKeyNotLive, ItemsBeyondKey, Made, TooManyApiKeys
from domain.identity.items import ADMINISTRATOR_ONLY, Item
from domain.identity.viewer import Viewer, ViewerKind
from kit import clock
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from models.audit import Event
from models.identity import ApiKey
from models.partners import Partner
from tests.conftest import Clock
from tests.identity.people import a_partner, an_administrator_of
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")


async def create(partner: Partner, time: Clock, **more: Any) -> Made:
    wanted: dict[str, Any] = {
        "viewer": an_administrator_of(partner.id),
        "name": "ERP",
        "items": [Item.MEMBER_VIEW],
    }
    return await api_keys.create(**(wanted | more), now=time.now)


async def rotate(made: Made, time: Clock, **more: Any) -> Made:
    viewer = an_administrator_of(made.key.partner_id)
    return await api_keys.rotate(viewer=viewer, api_key_id=made.key.id, now=time.now, **more)


async def viewer_by(secret: str) -> Viewer | None:
    parts = api_keys.parts(secret)
    assert parts is not None
    found = await recognition.by_api_key(*parts, wall=clock.wall())
    return found.viewer if found else None


async def test_a_key_opens_what_it_was_made_for_for_ninety_days(time: Clock, wall: Clock) -> None:
    partner = await a_partner()
    administrator = an_administrator_of(partner.id)

    made = await create(
        partner, time, viewer=administrator, name=" ERP ", items=[Item.PARTNER_VIEW] * 2
    )

    viewer = await viewer_by(made.secret)
    assert viewer is not None
    assert (viewer.kind, viewer.display_name) == (ViewerKind.OPERATOR, "ERP")
    assert (viewer.actor_id, viewer.person_id) == (made.key.id, None)
    assert (viewer.partner_id, viewer.partner_ids) == (partner.id, (partner.id,))
    assert viewer.items == {Item.PARTNER_VIEW}
    assert not viewer.is_administrator
    key = await ApiKey.get()
    assert key.expires_at == wall.now + timedelta(days=90)
    assert key.created_by == administrator.person_id
    assert made.secret.startswith(f"pc_{key.public}_")
    assert made.secret.split("_", 2)[2] not in str(key.__dict__)
    event = await Event.get()
    assert (event.name, event.tenant_id, event.subject_id) == (
        "api_key.created",
        partner.id,
        key.id,
    )
    assert made.secret.split("_", 2)[2] not in str(event.__dict__)


async def test_a_distributors_key_sees_its_resellers_too(time: Clock) -> None:
    distributor = await a_partner("General")
    resellers = [await a_partner(name, under=distributor) for name in ("East", "West")]

    viewer = await viewer_by((await create(distributor, time)).secret)

    assert viewer is not None
    assert viewer.partner_ids == (distributor.id, *(partner.id for partner in resellers))


async def test_a_key_is_good_until_its_end_and_not_at_it(time: Clock, wall: Clock) -> None:
    partner = await a_partner()
    end = wall.now + timedelta(days=365)
    made = await create(partner, time, expires_at=end)

    wall.forward(days=365, microseconds=-1)
    assert await viewer_by(made.secret) is not None
    wall.forward(microseconds=1)
    assert await viewer_by(made.secret) is None
    with pytest.raises(ApiKeyNotLive):
        await rotate(made, time)


@pytest.mark.parametrize(
    ("wish", "problem", "field"),
    [
        ({"name": ""}, InvalidInput, "name"),
        ({"expires_in": timedelta(0)}, InvalidInput, "expiresAt"),
        ({"expires_in": timedelta(days=365, microseconds=1)}, InvalidInput, "expiresAt"),
        ({"items": [Item.MEMBER_VIEW, Item.PERSONAL_DATA_VIEW]}, ItemsBeyondKey, "items"),
        ({"items": [Item.OPERATE]}, ItemsBeyondKey, "items"),
        *(({"items": [item]}, ItemsBeyondKey, "items") for item in sorted(ADMINISTRATOR_ONLY)),
    ],
)
async def test_a_key_that_would_hold_or_last_too_much_is_refused(
    time: Clock, wall: Clock, wish: dict[str, Any], problem: type[Problem], field: str
) -> None:
    partner = await a_partner()
    if "expires_in" in wish:
        wish = {"expires_at": wall.now + wish["expires_in"]}

    with pytest.raises(problem) as refused:
        await create(partner, time, **wish)

    assert refused.value.path == ("input", field)
    assert not await ApiKey.exists()
    assert not await Event.exists()


async def test_a_key_never_holds_more_than_its_maker(time: Clock) -> None:
    partner = await a_partner()
    maker = Viewer(
        kind=ViewerKind.OPERATOR,
        partner_id=partner.id,
        person_id=new_id(),
        items=frozenset({Item.API_KEY_MANAGE, Item.MEMBER_VIEW}),
    )

    with pytest.raises(ItemsBeyondKey) as refused:
        await create(
            partner,
            time,
            viewer=maker,
            items=[Item.MEMBER_VIEW, Item.PARTNER_VIEW, Item.API_KEY_MANAGE],
        )

    assert refused.value.items == (Item.API_KEY_MANAGE, Item.PARTNER_VIEW)


async def test_a_partner_has_twenty_living_keys_even_when_many_are_made_at_once(
    time: Clock, wall: Clock
) -> None:
    partner = await a_partner()
    soon = wall.now + timedelta(hours=1)
    first = await create(partner, time, expires_at=soon)
    for _ in range(17):
        await create(partner, time)

    answers = await asyncio.gather(
        *(create(partner, time) for _ in range(4)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(TooManyApiKeys) == 2
    assert await ApiKey.all().count() == 20

    await create(await a_partner("Zenith"), time)
    wall.forward(hours=1)
    await create(partner, time)
    with pytest.raises(TooManyApiKeys):
        await create(partner, time)
    second = await ApiKey.filter(partner_id=partner.id).exclude(id=first.key.id).first()
    assert second is not None
    await api_keys.revoke(
        viewer=an_administrator_of(partner.id), api_key_id=second.id, now=time.now
    )
    await create(partner, time)


async def test_after_a_rotation_both_secrets_work_for_a_day(time: Clock, wall: Clock) -> None:
    old = await create(await a_partner(), time)

    new = await rotate(old, time)

    assert new.key.id == old.key.id
    assert new.secret != old.secret
    wall.forward(hours=24, microseconds=-1)
    assert await viewer_by(old.secret) == await viewer_by(new.secret) is not None
    wall.forward(microseconds=1)
    assert await viewer_by(old.secret) is None
    assert await viewer_by(new.secret) is not None
    event = await Event.get(name="api_key.rotated")
    assert event.after["overlap_hours"] == 24


async def test_without_an_overlap_the_old_secret_is_dead_at_once(time: Clock) -> None:
    old = await create(await a_partner(), time)

    new = await rotate(old, time, overlap_hours=0)

    assert await viewer_by(old.secret) is None
    assert await viewer_by(new.secret) is not None


async def test_a_second_rotation_kills_the_oldest_secret(time: Clock) -> None:
    first = await create(await a_partner(), time)
    second = await rotate(first, time, overlap_hours=72)
    third = await rotate(second, time, overlap_hours=72)

    assert await viewer_by(first.secret) is None
    assert await viewer_by(second.secret) is not None
    assert await viewer_by(third.secret) is not None


async def test_a_rotation_may_give_the_key_a_later_end(time: Clock, wall: Clock) -> None:
    old = await create(await a_partner(), time)
    later = wall.now + timedelta(days=200)

    await rotate(old, time, expires_at=later)

    assert (await ApiKey.get()).expires_at == later
    for hours, end in ((-1, None), (73, None), (1, wall.now)):
        with pytest.raises(InvalidInput):
            await rotate(old, time, overlap_hours=hours, expires_at=end)
    assert await Event.all().count() == 2


async def test_the_recognition_ends_with_the_overlap(time: Clock, wall: Clock) -> None:
    old = await create(await a_partner(), time)
    new = await rotate(old, time, overlap_hours=1)

    ends = []
    for secret in (old.secret, new.secret):
        public, secret = api_keys.parts(secret) or ("", "")
        found = await recognition.by_api_key(public, secret, wall=wall.now)
        ends.append(found.until if found else None)

    assert ends == [wall.now + timedelta(hours=1), wall.now + timedelta(days=90)]


async def test_a_secret_in_use_works_before_and_after_a_rotation_that_goes_on(
    time: Clock,
) -> None:
    old = await create(await a_partner(), time)

    async def use_while_rotating() -> Viewer | None:
        return await viewer_by(old.secret)

    rotating = asyncio.create_task(rotate(old, time, overlap_hours=1))
    seen = [await use_while_rotating() for _ in range(20)]
    new = await rotating

    assert all(seen)
    assert await viewer_by(old.secret) == await viewer_by(new.secret) is not None


async def test_of_two_rotations_at_once_the_later_secret_is_the_keys(time: Clock) -> None:
    partner = await a_partner()
    old = await create(partner, time)

    first, second = await at_once(
        rotate(old, time, overlap_hours=1), rotate(old, time, overlap_hours=1), while_locked=partner
    )

    assert await viewer_by(old.secret) is None
    assert await viewer_by(first.secret) is not None
    assert await viewer_by(second.secret) is not None


async def test_a_revoked_key_opens_nothing_and_cannot_be_turned(time: Clock) -> None:
    made = await create(await a_partner(), time)
    viewer = an_administrator_of(made.key.partner_id)

    revoked = await api_keys.revoke(viewer=viewer, api_key_id=made.key.id, now=time.now)

    assert revoked.revoked_at is not None
    assert await viewer_by(made.secret) is None
    for again in (
        rotate(made, time),
        api_keys.revoke(viewer=viewer, api_key_id=made.key.id, now=time.now),
    ):
        with pytest.raises(ApiKeyNotLive):
            await again
    assert [event.name for event in await Event.all().order_by("id")] == [
        "api_key.created",
        "api_key.revoked",
    ]


async def test_another_partners_key_does_not_exist(time: Clock) -> None:
    made = await create(await a_partner(), time)
    stranger = an_administrator_of((await a_partner("Zenith")).id)

    for id in (made.key.id, new_id()):
        with pytest.raises(NotFound):
            await api_keys.revoke(viewer=stranger, api_key_id=id, now=time.now)
        with pytest.raises(NotFound):
            await api_keys.rotate(viewer=stranger, api_key_id=id, now=time.now)

    assert await viewer_by(made.secret) is not None
    assert await Event.all().count() == 1


async def test_a_key_makes_no_keys(time: Clock) -> None:
    partner = await a_partner()
    key = await viewer_by((await create(partner, time)).secret)

    with pytest.raises(Forbidden) as refused:
        await create(partner, time, viewer=key)

    assert refused.value.needs == "API_KEY_MANAGE"
    assert await ApiKey.all().count() == 1


async def test_a_wrong_secret_and_an_unknown_key_are_no_keys(time: Clock) -> None:
    made = await create(await a_partner(), time)
    public, secret = api_keys.parts(made.secret) or ("", "")

    assert await viewer_by(f"pc_{public}_{'A' * 43}") is None
    assert await viewer_by(f"pc_00000000_{secret}") is None
    for text in ("", "pc_", f"pc_{public}", f"pc_{public}_", made.secret + "A", made.secret[:-1]):
        assert api_keys.parts(text) is None
    assert api_keys.parts(made.secret) == (public, secret)


async def test_the_last_use_is_noted_once_a_minute(time: Clock, wall: Clock) -> None:
    made = await create(await a_partner(), time)
    noted = []

    for seconds in (0, 59, 1):
        wall.forward(seconds=seconds)
        await api_keys.note_use(api_key_id=made.key.id, wall=wall.now)
        noted.append((await ApiKey.get()).last_used_at)

    assert noted == [wall.now - timedelta(seconds=60), noted[0], wall.now]
