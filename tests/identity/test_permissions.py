"""Who may call what at all."""

import pytest

from domain.identity.items import ADMINISTRATOR_ONLY, PLATFORM_ONLY, Item
from domain.identity.operations import OPERATIONS, Open
from domain.identity.permissions import describe, require
from domain.identity.viewer import ANONYMOUS, SYSTEM, Unauthenticated, Viewer, ViewerKind
from kit.problems import Forbidden


def somebody(kind: ViewerKind, *items: Item) -> Viewer:
    return Viewer(kind=kind, items=frozenset(items))


@pytest.mark.parametrize("item", [Item.MEMBER_VIEW, Item.MEMBER_MANAGE])
def test_any_one_of_several_items_suffices(item: Item) -> None:
    require(somebody(ViewerKind.OPERATOR, item), "members")
    require(somebody(ViewerKind.STAFF, item, Item.OPERATE), "members")


def test_without_any_of_them_one_is_told_which_would_do() -> None:
    others = set(Item) - {Item.MEMBER_VIEW, Item.MEMBER_MANAGE}

    with pytest.raises(Forbidden) as refused:
        require(somebody(ViewerKind.OPERATOR, *others), "members")

    assert refused.value.needs == "MEMBER_VIEW, MEMBER_MANAGE"
    assert describe("members") == "Requires any of: MEMBER_VIEW, MEMBER_MANAGE."


@pytest.mark.parametrize("kind", [ViewerKind.OPERATOR, ViewerKind.STAFF])
def test_what_is_not_in_the_table_is_open_to_every_operator(kind: ViewerKind) -> None:
    assert "theWeather" not in OPERATIONS

    require(somebody(kind), "theWeather")

    assert describe("theWeather") == "Open to every operator of the partner, and to the platform."


@pytest.mark.parametrize("kind", [ViewerKind.PERSON, ViewerKind.CUSTOMER])
def test_who_works_for_nobody_calls_only_what_is_open_to_people(kind: ViewerKind) -> None:
    require(somebody(kind), "signOut")
    for operation in ("theWeather", "members"):
        with pytest.raises(Forbidden):
            require(somebody(kind), operation)


def test_nobody_calls_only_what_needs_no_sign_in() -> None:
    for operation, rule in OPERATIONS.items():
        if rule is Open.ANYBODY:
            require(ANONYMOUS, operation)
        else:
            with pytest.raises(Unauthenticated):
                require(ANONYMOUS, operation)
    with pytest.raises(Unauthenticated):
        require(ANONYMOUS, "theWeather")


def test_the_system_itself_may_do_everything() -> None:
    for operation in (*OPERATIONS, "theWeather"):
        require(SYSTEM, operation)


def test_no_item_is_both_the_administrators_and_the_platforms() -> None:
    assert not ADMINISTRATOR_ONLY & PLATFORM_ONLY
