"""What an explanation says, in English and Chinese, by the keys that the rules and steps use."""

from collections.abc import Mapping

from kit.problems import spoken

_TEXTS: Mapping[str, tuple[str, str]] = {
    # Formulas.
    "DEAL_PRICE": (
        "The cash consumption times the base ratio times the share ratio, without the goods' tax,"
        " with the fee's tax.",
        "现金消费 × 分成基数比例 × 分成比例,剔除商品销项税,再加服务费税。",
    ),
    "FLOOR_PRICE": (
        "What the deal price is above the floor price times the share ratio, without the goods'"
        " tax, with the fee's tax.",
        "(成交价 − 底价)× 分成比例,剔除商品销项税,再加服务费税。",
    ),
    "LEGACY_SOLO": (
        "What the deal price is above the floor price, without the goods' tax, with the fee's tax,"
        " times the fixed part.",
        "(成交价 − 底价),剔除商品销项税,再加服务费税,乘以固定比例。",
    ),
    "LEGACY_JOINT": (
        "What the deal price is above the floor price times the commission ratio, without the"
        " goods' tax, with the fee's tax.",
        "(成交价 − 底价)× 佣金比例,剔除商品销项税,再加服务费税。",
    ),
    "MERCHANT_JOINT": (
        "The cash consumption times the share ratio; no tax is converted.",
        "现金消费 × 分成比例,不做税率换算。",
    ),
    "PART": (
        "What was refunded, by the formula and the rates of the original, taken back.",
        "按原订单的公式与税率计算退订部分,予以扣回。",
    ),
    "REMAINDER": (
        "The last refund takes back what is left of the original, so that all of them sum to it.",
        "最后一笔退订扣回原结算金额的剩余部分,保证累计与原金额一致。",
    ),
    "INCENTIVE": (
        "What was attained times the ratio of the ladder's step; no tax is converted.",
        "期间业绩基数 × 阶梯返点比例,不做税率换算。",
    ),
    "ADJUSTMENT": ("An amount that was entered, for its reason.", "按所述原因录入的调账金额。"),
    "STATEMENT": (
        "The lines of all kinds, and what an earlier statement was below zero.",
        "各类明细之和,加上期负数结转。",
    ),
    "rounding": (
        "Once, at the end, to 0.01; half a cent goes away from zero.",
        "仅在最后四舍五入一次至 0.01,负数按绝对值舍入。",
    ),
    "rounding_usage": (
        "The share of all that a customer has used of the goods in the month is rounded once, to"
        " 0.01; this is what the charge adds to it.",
        "客户当月对同一商品的用量合并计算分成后一次四舍五入至 0.01;本笔为其增加的部分。",
    ),
    "rounding_none": ("Nothing is rounded: sums of rounded amounts.", "已舍入金额之和,不再舍入。"),
    # Inputs.
    "cash": ("Cash consumption", "现金消费"),
    "refunded_cash": ("Cash consumption that was refunded", "退订的现金消费"),
    "deal_amount": ("Deal price", "成交价"),
    "refunded_amount": ("Refunded of the deal price", "退订金额"),
    "floor_amount": ("Floor price", "底价"),
    "ratio": ("Share ratio", "分成比例"),
    "base_ratio": ("Base ratio", "分成基数比例"),
    "solo_part": ("Fixed part", "固定比例"),
    "goods_tax_rate": ("Output tax of the goods", "商品销项税率"),
    "fee_tax_rate": ("Tax of the service fee", "服务费税率"),
    "original": ("What the original came to", "原结算金额"),
    "taken_before": ("Taken back before", "此前已扣回"),
    "cash_before": ("Used before in the month", "当月此前用量的现金消费"),
    "paid_part": ("Paid by an instrument that counts", "计入现金消费的支付"),
    "refunded_part": ("Refunded to an instrument that counts", "计入现金消费的退回"),
    "performance": ("Performance of the period that counts", "期间计入业绩"),
    "base_carried": ("What the base before was below zero", "上期业绩基数负数结转"),
    "threshold": ("What counts to the threshold", "计入门槛的业绩"),
    "step_from": ("Where the ladder's step begins", "阶梯起点"),
    "no_step_reached": ("No step of the ladder is reached: nothing", "未达到任何阶梯,激励为零"),
    "attained": ("Base of the incentive", "激励基数"),
    "ladder_ratio": ("Ratio of the ladder's step", "阶梯返点比例"),
    "other_parts": (
        "Paid by other lines, or frozen until credit is repaid",
        "其他部分或待回款冻结",
    ),
    "without_others": ("This part of it", "本次部分"),
    "entered": ("Entered amount", "录入金额"),
    "originals": ("Sales", "原始订单"),
    "reversals": ("Refunds", "退订"),
    "usage": ("Usage", "按需用量"),
    "incentives": ("Incentives", "激励"),
    "adjustments": ("Adjustments", "调账"),
    "carry_in": ("Carried from an earlier statement", "上期负数结转"),
    "lines_amount": ("Sum of the lines", "明细合计"),
    # Steps.
    "base": ("What is shared", "分成基数"),
    "share": ("The partner's share", "分成额"),
    "solo_share": ("The partner's fixed part", "固定分成额"),
    "difference": ("What is above the floor price", "成交价与底价之差"),
    "not_above_floor": ("Not above the floor price: nothing", "成交价不高于底价,分成为零"),
    "no_floor": ("There is no floor price: nothing", "无底价,分成为零"),
    "net": ("Without the goods' tax", "不含税金额"),
    "with_fee_tax": ("With the fee's tax", "含服务费税金额"),
    "rounded": ("Rounded", "四舍五入"),
    "share_before": ("Share of what was used before, rounded", "此前用量的分成额(已舍入)"),
    "added": ("What the charge adds", "本笔增加的分成额"),
    "part_refunded": ("The refunded part of the price", "按退订比例"),
    "no_more_than_left": ("No more than what is left", "以剩余金额为限"),
    "taken_back": ("Taken back", "扣回"),
    "remainder": ("What is left is taken back", "扣回剩余部分"),
    "sum": ("Sum of the lines", "明细合计"),
    "total": ("Total", "合计"),
    "net_of_total": ("Without the fee's tax", "不含税金额"),
    "tax_of_total": ("The fee's tax", "税额"),
    # Why something doesn't count.
    "VOUCHER": ("Vouchers are no cash consumption.", "代金券不计入现金消费。"),
    "TEST_VOUCHER": ("Test vouchers are no cash consumption.", "测试券不计入现金消费。"),
    "CASH_COUPON_NOT_COUNTING": (
        "This cash coupon doesn't count to performance.",
        "不计业绩的现金券不计入现金消费。",
    ),
    "NOT_PAID": (
        "It wasn't paid when it was charged; what is paid of it later earns its share then.",
        "出账时尚未支付,后续支付时另行结算。",
    ),
    "REBOUND_CUSTOMER": (
        "What is sold to a customer who has come from another partner earns no incentive for some"
        " months; it counts to the threshold.",
        "新绑定客户在限定月数内不计算业绩激励,仅计入业绩门槛。",
    ),
    "NOT_COUNTING": ("It doesn't count to performance.", "不计业绩。"),
    # What differs.
    "amount_differs": (
        "Worked out anew, the amount is another one than what is stored.",
        "重新计算的金额与存储的金额不一致。",
    ),
    "cash_differs": (
        "The instruments that count add up to another cash consumption than what is stored.",
        "计入现金消费的支付合计与存储的现金消费不一致。",
    ),
    "original_differs": (
        "Worked out anew, the original comes to another amount than what is stored.",
        "重新计算的原结算金额与存储的金额不一致。",
    ),
    "lines_differ": (
        "The lines add up to another amount than what the statement says.",
        "明细合计与账单所载金额不一致。",
    ),
    "total_differs": (
        "The sum and what is carried in make another total than what the statement says.",
        "明细合计与结转之和与账单总额不一致。",
    ),
    "rule_unknown": (
        "This version of the rules isn't known here, so nothing could be worked out.",
        "未知的规则版本,无法重新计算。",
    ),
}


def say(key: str, locale: str) -> str:
    """The text of the key, in Chinese for any `zh` locale, else in English."""
    en, zh = _TEXTS[key]
    return spoken(locale, en=en, zh=zh)
