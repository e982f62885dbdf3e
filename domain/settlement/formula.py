"""The formulas of `rules` as SQL over a row: exact like those, and rounded once, half away from 0.

A quotient of numerics has an end in PostgreSQL, so nothing is divided before the very last step:
numerator and denominator are exact products, and `div` is exact on them.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.catalogue.policies import BY_FLOOR_PRICE
from domain.settlement.rules import Rules
from models.catalogue import GoodsKind, ShareModel

_ALL = Decimal(1)


def base_ratio(rules: Rules, *, kind: str) -> str:
    """How much of the cash consumption is shared, by the goods' kind."""
    of = rules.base_ratios
    return _cases(kind, {kind: of[kind] for kind in GoodsKind if kind in of}, rest=_ALL)


def difference(*, deal: str, floor: str) -> str:
    """P − Fl; zero where there is no floor price, or it wasn't reached."""
    return f"greatest(coalesce({deal} - {floor}, 0), 0)"


def numerator(
    rules: Rules,
    *,
    model: str,
    kind: str,
    cash: str,
    deal: str,
    floor: str,
    ratio: str,
    fee_tax: str,
    refunded: str = "1",
) -> str:
    """What stands above the line, of columns with these names; `denominator` stands below it.

    For a refund `cash` is its own, and `refunded` what came back of the deal price.
    """
    above = f"{difference(deal=deal, floor=floor)} * {refunded}"
    return (
        f"case {model}"
        f" when '{ShareModel.MERCHANT_JOINT}' then {cash} * {ratio}"
        f" when '{ShareModel.DEAL_PRICE}'"
        f" then {cash} * {base_ratio(rules, kind=kind)} * {ratio} * (1 + {fee_tax})"
        f" when '{ShareModel.LEGACY_SOLO}' then {above} * {rules.solo_part} * (1 + {fee_tax})"
        f" else {above} * {ratio} * (1 + {fee_tax}) end"
    )


def denominator(*, model: str, goods_tax: str, deal: str = "1") -> str:
    """What stands below the line; for a refund `deal` is the whole deal price."""
    without = f"1 + {goods_tax}"
    return (
        f"case when {model} = '{ShareModel.MERCHANT_JOINT}' then 1"
        f" when {by_floor(model)} and {deal} > 0 then ({without}) * {deal} else {without} end"
    )


def by_floor(model: str) -> str:
    """Whether the model works with the difference to the floor price, not with cash."""
    models = ", ".join(f"'{each}'" for each in sorted(BY_FLOOR_PRICE))
    return f"{model} in ({models})"


def rounded(above: str, below: str, *, signed: bool = False) -> str:
    """The quotient of two numbers that aren't negative, to the cent; `signed`: `above` may be."""
    if signed:
        return f"(sign({above}) * {rounded(f'abs({above})', below)})::numeric(18, 2)"
    return f"(div(200 * ({above}) + ({below}), 2 * ({below})) * 0.01)::numeric(18, 2)"


def _cases(column: str, values: Mapping[GoodsKind, Decimal], *, rest: Decimal) -> str:
    cases = "".join(f" when '{name}' then {value}" for name, value in values.items())
    return f"case {column}{cases} else {rest} end" if cases else str(rest)
