"""Carts: a customer puts together what it may order later, or its partner does on behalf."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.catalogue.quantities import MOST_LINES
from domain.customers.policy import CUSTOMERS
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import quoting, sellers
from domain.orders.holding import buyer
from domain.orders.policy import CARTS
from domain.orders.quoting import Quote
from domain.orders.wishes import Wanted, check
from kit.batches import checked
from kit.ids import new_id
from kit.problems import NotFound, Problem, VersionConflict
from kit.transaction import lock, transactional
from models.carts import CartLine
from models.customers import Customer


class CartIsFull(Problem):
    """No order has more lines than that."""

    en = "A cart has at most {maximum} lines."
    zh = "购物车最多 {maximum} 行。"
    about = {"maximum": "How many there may be."}
    maximum: int


@transactional
async def add(
    *,
    viewer: Viewer,
    line: Wanted,
    seller_account_name: str | None = None,
    on_behalf_of: UUID | None = None,
    now: datetime,
) -> CartLine:
    """Put something into the cart; more of the same, on the same terms, is added to its line.

    Nothing but existence is asked for: what stands in the way of ordering it is told by the cart.
    Raises NotFound, CartIsFull, InvalidInput, and what `acting.on_behalf` raises.
    """
    permissions.require(viewer, "cartLineAdd")
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    seller_id = await sellers.named(
        account_name=seller_account_name, path=("input", "sellerAccountName")
    )
    line = replace(line, path=("input", "line"))
    [quoted] = (await quoting.quote(viewer=viewer, customer=customer, wanted=[line], now=now)).lines
    there = await CartLine.filter(customer_id=customer.id).order_by("created_at", "id")
    terms = (line.exclusive_offer_id, line.private_offer_id, seller_id)
    for each in there:
        if (each.sku_id, each.periods, *_terms(each)) == (line.sku_id, quoted.periods, *terms):
            check([Wanted(sku_id=each.sku_id, quantity=each.quantity + line.quantity)])
            each.quantity += line.quantity
            each.version += 1
            await each.save(update_fields=["quantity", "version"])
            return each
    if len(there) >= MOST_LINES:
        raise CartIsFull(maximum=MOST_LINES)
    made = CartLine(
        id=new_id(),
        created_at=now,
        customer_id=customer.id,
        sku_id=line.sku_id,
        quantity=line.quantity,
        periods=quoted.periods,
        seller_id=seller_id,
        exclusive_offer_id=line.exclusive_offer_id,
        private_offer_id=line.private_offer_id,
        added_by=viewer.actor_id or customer.id,
    )
    await made.insert()
    return made


@transactional
async def change(
    *,
    viewer: Viewer,
    line_id: UUID,
    expected_version: int,
    quantity: int,
    periods: int | None = None,
    exclusive_offer_id: UUID | None = None,
    private_offer_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    now: datetime,
) -> CartLine:
    """Say anew how many, for how long, with which offer. Raises as `add`, VersionConflict."""
    permissions.require(viewer, "cartLineChange")
    viewer, customer = await buyer(viewer, on_behalf_of, now=now)
    line = await lock(CartLine, id=line_id, customer_id=customer.id)
    if line is None:
        raise NotFound(thing="cart line")
    if line.version != expected_version:
        raise VersionConflict(current=line.version)
    wanted = Wanted(
        sku_id=line.sku_id,
        quantity=quantity,
        periods=periods,
        exclusive_offer_id=exclusive_offer_id,
        private_offer_id=private_offer_id,
    )
    [quoted] = (
        await quoting.quote(viewer=viewer, customer=customer, wanted=[wanted], now=now)
    ).lines
    line.quantity = quantity
    line.periods = quoted.periods
    line.exclusive_offer_id = exclusive_offer_id
    line.private_offer_id = private_offer_id
    line.version += 1
    await line.save(
        update_fields=["quantity", "periods", "exclusive_offer_id", "private_offer_id", "version"]
    )
    return line


@transactional
async def remove(
    *, viewer: Viewer, line_ids: Sequence[UUID], on_behalf_of: UUID | None = None, now: datetime
) -> int:
    """Take lines out of the cart; those that are gone already don't matter. How many there were."""
    permissions.require(viewer, "cartLineRemove")
    ids = checked(line_ids, path=("input", "ids"))
    _, customer = await buyer(viewer, on_behalf_of, now=now)
    return await CartLine.filter(customer_id=customer.id, id__in=ids).delete()


async def priced(
    *, viewer: Viewer, customer_id: UUID, now: datetime
) -> tuple[list[CartLine], Quote | None]:
    """A customer's cart, the oldest line first, and what it costs now; None for an empty one.

    Raises NotFound for a customer whose cart the viewer has nothing to do with: a partner needs
    leave to order for it.
    """
    await CUSTOMERS.require(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    await CARTS.require(Customer, customer_id, viewer=viewer, now=now, thing="cart")
    if viewer.kind is ViewerKind.OPERATOR:
        viewer.require(Item.ORDER_PLACE)
    customer = await Customer.get(id=customer_id)
    lines = await CartLine.filter(customer_id=customer_id).order_by("created_at", "id")
    if not lines:
        return [], None
    wanted = [as_wanted(line) for line in lines]
    return lines, await quoting.quote(viewer=viewer, customer=customer, wanted=wanted, now=now)


async def take(customer_id: UUID, ids: Sequence[UUID]) -> list[Wanted]:
    """Take these lines out of the cart for an order; the customer is held. Raises NotFound."""
    if not ids:
        return []
    distinct = checked(ids, path=("input", "cartLineIds"))
    lines = {
        line.id: line for line in await CartLine.filter(customer_id=customer_id, id__in=distinct)
    }
    path = ("input", "cartLineIds")
    for id in distinct:
        if id not in lines:
            raise NotFound(thing="cart line", path=path)
    await CartLine.filter(id__in=distinct).delete()
    return [as_wanted(lines[id], path) for id in distinct]


def as_wanted(line: CartLine, path: tuple[str, ...] = ("input",)) -> Wanted:
    """What a line of a cart asks for; `path` as of `Wanted`."""
    return Wanted(
        sku_id=line.sku_id,
        quantity=line.quantity,
        periods=line.periods or None,
        exclusive_offer_id=line.exclusive_offer_id,
        private_offer_id=line.private_offer_id,
        seller_id=line.seller_id,
        path=path,
    )


def _terms(line: CartLine) -> tuple[UUID | None, UUID | None, UUID | None]:
    return line.exclusive_offer_id, line.private_offer_id, line.seller_id
