"""Leave to act on behalf: asked for, endorsed, given, refused, taken back (domain.md 5.6, C-23)."""

from dataclasses import replace
from typing import Any

import pytest

from domain.associations import authorizations, commitment, deciding
from domain.associations.authorization_guards import (
    CustomerIsFrozen,
    OnlyForAgencyCustomers,
    OnlyTheCustomerDecides,
    OnlyTheDistributorDecides,
)
from domain.associations.authorizations import AuthorizationExists
from domain.associations.change_guards import NotAssociated
from domain.associations.commitment import Letter, LetterNotAccepted
from domain.customers import standing
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity import steps
from domain.identity.items import Item
from domain.identity.steps import StepUpRequired
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.associations import AuthorizationStatus as Status
from models.associations import CommitmentLetter, OnBehalfAuthorization, OnBehalfScope
from models.audit import Event
from models.customers import Freeze
from tests.authorizations.factories import (
    COMMITMENT,
    CONSENT,
    a_grant,
    a_request,
    a_reseller_and_its_distributor,
    agency_sides,
    granted,
)
from tests.changes.factories import (
    AGENCY,
    REFERRAL,
    a_switch,
    an_end,
    approved,
    both_sides,
    execute,
    history,
)
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import a_staff_viewer, an_administrator

pytestmark = pytest.mark.usefixtures("database")


async def fresh(authorization: OnBehalfAuthorization) -> OnBehalfAuthorization:
    return await OnBehalfAuthorization.get(id=authorization.id)


async def test_a_partner_asks_and_the_customer_gives(time: Clock) -> None:
    sides = await agency_sides()

    asked = await a_request(sides, now=time.now)
    assert (asked.status, asked.scopes) == (Status.REQUESTED, ["OM", "ORDER"])
    time.forward(hours=1)
    await granted(asked, by=sides.buyer, now=time.now)

    given = await fresh(asked)
    assert (given.status, given.granted_at, given.ended_at) == (Status.GRANTED, time.now, None)
    assert given.association_id == sides.customer.association_id
    assert await history(given.id) == ["requested", "granted"]
    told = await Event.get(name="on_behalf_authorization.granted")
    assert told.after == {"status": "GRANTED", "letter_version": CONSENT}
    assert told.customer_id == sides.customer.id
    assert told.tenant_id == sides.partner.partner_id


async def test_the_commitment_letter_is_accepted_once(time: Clock) -> None:
    """C-23."""
    sides = await agency_sides()
    for version in (None, "1999-01"):
        with pytest.raises(LetterNotAccepted) as refused:
            await a_request(sides, version=version, now=time.now)
        assert (refused.value.letter, refused.value.version) == ("COMMITMENT", COMMITMENT)
    assert not await OnBehalfAuthorization.exists()
    assert not await Event.exists()

    await a_request(sides, now=time.now)
    letter = await CommitmentLetter.get()
    assert (letter.partner_id, letter.version) == (sides.partner.partner_id, COMMITMENT)
    assert letter.accepted_by == sides.partner.person_id
    sides.customer = await a_customer(of=sides.house, type=AGENCY)
    await a_request(sides, version=None, now=time.now)
    assert await Event.filter(name="partner.commitment_accepted").count() == 1


async def test_the_letters_speak_both_languages() -> None:
    for letter in Letter:
        english, chinese = commitment.text(letter, "en"), commitment.text(letter, "zh-CN")
        assert english.version == chinese.version
        assert english.text.isascii()
        assert "授权" in chinese.text


async def test_it_is_for_live_agency_customers_of_ones_own(time: Clock) -> None:
    """C-10, C-11."""
    referral, agency = await both_sides(REFERRAL), await agency_sides()
    with pytest.raises(OnlyForAgencyCustomers):
        await a_request(referral, now=time.now)
    await standing.freeze(
        viewer=agency.partner,
        customer_id=agency.customer.id,
        extent=Freeze.ACCOUNT,
        reason="late",
        now=time.now,
    )
    with pytest.raises(CustomerIsFrozen):
        await a_request(agency, now=time.now)
    with pytest.raises(NotFound):
        await a_request(referral, by=agency.partner, now=time.now)
    with pytest.raises(InvalidInput):
        await a_request(agency, scopes=(), now=time.now)
    staff = await a_staff_viewer(Item.ON_BEHALF_REQUEST)
    with pytest.raises(CustomerOfAnotherPartner):
        await a_request(agency, by=staff, now=time.now)
    free = await a_customer()
    referral.customer = free
    with pytest.raises(NotAssociated):
        await a_request(referral, by=staff, now=time.now)
    with pytest.raises(Forbidden):
        await a_request(agency, by=agency.buyer, now=time.now)
    assert not await OnBehalfAuthorization.exists()


async def test_an_account_manager_asks_for_his_own_customers(time: Clock) -> None:
    sides = await agency_sides()
    manager, by_manager = await a_manager(sides.house)
    with pytest.raises(NotFound):
        await a_request(sides, by=by_manager, now=time.now)
    sides.customer.manager_id = manager.id
    await sides.customer.save(update_fields=["manager_id"])

    await a_request(sides, by=by_manager, now=time.now)


async def test_there_is_one_at_a_time(time: Clock) -> None:
    sides = await agency_sides()
    first = await a_request(sides, now=time.now)
    with pytest.raises(AuthorizationExists) as exists:
        await a_request(sides, now=time.now)
    assert exists.value.status == "REQUESTED"

    await authorizations.reject(
        viewer=sides.buyer, authorization_id=first.id, reason="Not yet", now=time.now
    )
    assert (await fresh(first)).refusal == "Not yet"
    second = await a_request(sides, scopes=(OnBehalfScope.OM,), now=time.now)
    await granted(second, by=sides.buyer, now=time.now)
    with pytest.raises(AuthorizationExists) as exists:
        await a_request(sides, now=time.now)
    assert exists.value.status == "GRANTED"
    await authorizations.revoke(viewer=sides.buyer, authorization_id=second.id, now=time.now)
    await a_request(sides, now=time.now)
    assert await OnBehalfAuthorization.all().count() == 3


async def test_a_resellers_distributor_decides_first(time: Clock) -> None:
    """C-23."""
    sides, distributor = await a_reseller_and_its_distributor()
    asked = await a_request(sides, now=time.now)
    assert asked.status is Status.DISTRIBUTOR_PENDING

    with pytest.raises(OnlyTheDistributorDecides):
        await granted(asked, by=sides.buyer, now=time.now)
    with pytest.raises(OnlyTheDistributorDecides):
        await authorizations.reject(
            viewer=sides.buyer, authorization_id=asked.id, reason="x", now=time.now
        )
    with pytest.raises(OnlyTheDistributorDecides):
        await authorizations.endorse(viewer=sides.partner, authorization_id=asked.id, now=time.now)
    weak = replace(distributor, items=distributor.items - {Item.ON_BEHALF_REQUEST})
    with pytest.raises(Forbidden):
        await authorizations.endorse(viewer=weak, authorization_id=asked.id, now=time.now)
    with pytest.raises(Forbidden):
        await authorizations.reject(
            viewer=weak, authorization_id=asked.id, reason="x", now=time.now
        )
    assert (await fresh(asked)).status is Status.DISTRIBUTOR_PENDING

    await authorizations.endorse(viewer=distributor, authorization_id=asked.id, now=time.now)
    with pytest.raises(WrongStatus):
        await authorizations.endorse(viewer=distributor, authorization_id=asked.id, now=time.now)
    with pytest.raises(OnlyTheCustomerDecides):
        await authorizations.reject(
            viewer=distributor, authorization_id=asked.id, reason="x", now=time.now
        )
    await granted(asked, by=sides.buyer, now=time.now)
    assert await history(asked.id) == ["requested", "endorsed", "granted"]


async def test_a_distributor_that_says_no_ends_it(time: Clock) -> None:
    sides, distributor = await a_reseller_and_its_distributor()
    asked = await a_request(sides, now=time.now)

    await authorizations.reject(
        viewer=distributor, authorization_id=asked.id, reason="No budget", now=time.now
    )

    refused = await fresh(asked)
    assert (refused.status, refused.refusal) == (Status.REJECTED, "No budget")
    assert refused.ended_at == time.now
    with pytest.raises(WrongStatus):
        await granted(asked, by=sides.buyer, now=time.now)


async def test_the_customer_reads_the_letter_before_it_gives(time: Clock) -> None:
    sides = await agency_sides()
    asked = await a_request(sides, now=time.now)
    with pytest.raises(LetterNotAccepted) as refused:
        await granted(asked, by=sides.buyer, version="1999-01", now=time.now)
    assert (refused.value.letter, refused.value.path) == ("CONSENT", ("input", "letterVersion"))
    assert (await fresh(asked)).status is Status.REQUESTED


async def test_nobody_but_the_customer_gives_or_takes_it(time: Clock) -> None:
    sides = await agency_sides()
    asked = await a_request(sides, now=time.now)
    for viewer, problem in (
        (sides.partner, OnlyTheCustomerDecides),
        (await a_user_of(await a_customer()), NotFound),
        (await an_administrator((await both_sides()).house), NotFound),
        (await a_staff_viewer(Item.CUSTOMER_VIEW), OnlyTheCustomerDecides),
    ):
        with pytest.raises(problem):
            await granted(asked, by=viewer, now=time.now)
        with pytest.raises(problem):
            await authorizations.revoke(viewer=viewer, authorization_id=asked.id, now=time.now)
    assert await history(asked.id) == ["requested"]


async def test_taken_back_by_the_customer_or_given_up_by_the_partner(time: Clock) -> None:
    sides = await agency_sides()
    grant = await a_grant(sides, now=time.now)
    await authorizations.revoke(viewer=sides.buyer, authorization_id=grant.id, now=time.now)
    ended = await fresh(grant)
    assert (ended.status, ended.end_reason) == (Status.REVOKED, "REVOKED_BY_CUSTOMER")
    assert ended.ended_at == time.now
    with pytest.raises(WrongStatus):
        await authorizations.revoke(viewer=sides.buyer, authorization_id=grant.id, now=time.now)

    asked = await a_request(sides, now=time.now)
    with pytest.raises(WrongStatus):
        await authorizations.revoke(viewer=sides.buyer, authorization_id=asked.id, now=time.now)
    with pytest.raises(Forbidden):
        await authorizations.withdraw(viewer=sides.buyer, authorization_id=asked.id, now=time.now)
    await authorizations.withdraw(viewer=sides.partner, authorization_id=asked.id, now=time.now)
    assert (await fresh(asked)).end_reason == "WITHDRAWN"
    with pytest.raises(WrongStatus):
        await authorizations.withdraw(viewer=sides.partner, authorization_id=asked.id, now=time.now)


@pytest.mark.parametrize("is_granted", [True, False])
async def test_it_ends_with_the_freeze_and_is_not_thawed(time: Clock, is_granted: bool) -> None:
    sides = await agency_sides()
    made = await (a_grant if is_granted else a_request)(sides, now=time.now)
    freezing: dict[str, Any] = {
        "viewer": sides.partner,
        "customer_id": sides.customer.id,
        "now": time.now,
    }
    await standing.freeze(extent=Freeze.ACCOUNT, reason="late", **freezing)

    ended = await fresh(made)
    assert (ended.status, ended.end_reason) == (Status.REVOKED, "CUSTOMER_FROZEN")
    told = await Event.get(name="on_behalf_authorization.revoked")
    assert (told.reason, told.actor_name) == ("CUSTOMER_FROZEN", sides.partner.display_name)
    await standing.unfreeze(**freezing)
    assert (await fresh(made)).status is Status.REVOKED
    await a_request(sides, now=time.now)


@pytest.mark.parametrize(
    ("to", "reason"), [("switch", "SWITCHED_TO_REFERRAL"), ("end", "ASSOCIATION_ENDED")]
)
async def test_it_ends_with_the_association_and_with_the_agency(
    time: Clock, to: str, reason: str
) -> None:
    sides = await agency_sides()
    grant = await a_grant(sides, now=time.now)
    if to == "switch":
        change = await a_switch(sides, now=time.now)
    else:
        change = await an_end(sides, now=time.now)
        reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
        await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    assert (await fresh(grant)).status is Status.GRANTED

    await execute(sides.customer, time.now)

    ended = await fresh(grant)
    assert (ended.status, ended.end_reason) == (Status.REVOKED, reason)
    told = await Event.get(name="association_change.done")
    assert told.after["authorizations"] == {"revoked": 1}


async def test_a_switch_to_agency_leaves_no_old_leave_in_force(time: Clock) -> None:
    sides = await both_sides(REFERRAL)
    change = await a_switch(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    await execute(sides.customer, time.now)
    made = await a_request(sides, now=time.now)
    assert made.association_id == (await sides.fresh()).association_id


async def test_the_customers_steps_are_sensitive_where_its_partner_says_so(time: Clock) -> None:
    """O-10, O-11."""
    sides = await agency_sides()
    asked = await a_request(sides, now=time.now)
    await steps.set_enabled(viewer=sides.partner, enabled=True, now=time.now)
    with pytest.raises(StepUpRequired) as required:
        await granted(asked, by=sides.buyer, now=time.now)
    assert required.value.operation == "onBehalfAuthorizationGrant"
    with pytest.raises(StepUpRequired) as required:
        await authorizations.revoke(viewer=sides.buyer, authorization_id=asked.id, now=time.now)
    assert required.value.operation == "onBehalfAuthorizationRevoke"
    assert (await fresh(asked)).status is Status.REQUESTED
