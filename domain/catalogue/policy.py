"""Who sees which goods, and what of their prices and policies."""

from kit.scope import Scope

# What has been on sale once can be looked at by everybody, or nobody could read an old offer. What
# hasn't is its merchant's own business.
_MINE = "{goods}.merchant_id = {viewer.partner_id}"
_LISTED = "{goods}.is_listed"
_GOODS = {
    "STAFF": "true",
    "OPERATOR": _LISTED,
    "OPERATOR__MERCHANT": f"({_LISTED} or {_MINE})",
    "CUSTOMER": _LISTED,
}

# Everybody may know what something costs; what it will cost is the seller's to tell.
_COSTS = f"({_LISTED} and {{t}}.valid_from <= {{now}})"
_PRICES = {
    "STAFF": "true",
    "OPERATOR": _COSTS,
    "OPERATOR__MERCHANT": f"({_COSTS} or {_MINE})",
    "CUSTOMER": _COSTS,
}

# What selling earns is for those who sell (G-01), in advance too, since a month is asked for as it
# ends (G-08); a merchant knows its own alone, and a customer nothing of it.
_POLICIES = {"STAFF": "true", "OPERATOR": _LISTED, "OPERATOR__MERCHANT": _MINE}

# Over goods: whether the viewer sees their policies, once they are listed.
SEES_POLICIES = (
    "({viewer.kind}::text in ('STAFF', 'SYSTEM') or ({viewer.kind}::text = 'OPERATOR'"
    " and (not {viewer.is_merchant}::boolean or {t}.merchant_id = {viewer.partner_id})))"
)

_BY_GOODS = "exists (select from goods of where of.id = {t}.goods_id and "
_BY_SKU = (
    "exists (select from sku join goods of on of.id = sku.goods_id where sku.id = {t}.sku_id and "
)


def _through(way: str, predicates: dict[str, str]) -> dict[str, str]:
    return {kind: way + p.replace("{goods}", "of") + ")" for kind, p in predicates.items()}


GOODS = Scope(**{kind: p.replace("{goods}", "{t}") for kind, p in _GOODS.items()})
SKUS = Scope(**_through(_BY_GOODS, _GOODS))
PRICES = Scope(**_through(_BY_SKU, _PRICES))
POLICIES = Scope(**_through(_BY_GOODS, _POLICIES))

# Over a price: what it is settled with is between the merchant and the platform.
SEES_FLOOR = (
    "({viewer.kind}::text in ('STAFF', 'SYSTEM') or ({viewer.kind}::text = 'OPERATOR' and exists"
    " (select from sku join goods of on of.id = sku.goods_id"
    " where sku.id = {t}.sku_id and of.merchant_id = {viewer.partner_id})))"
)
