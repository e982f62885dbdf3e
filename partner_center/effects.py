"""Who does what when something happens further down: all effects of all domains, in their order.

A domain declares a list (`Effects`) of what else happens; here stands what. Lower domains come
first, so that what comes later finds their work done (decision 0004).
"""

from domain.associations import aftermath
from domain.associations.effects import CHECKS, ENDING, MADE, SWITCHED
from domain.consumption import collecting, recording
from domain.consumption.effects import CHARGED, DEBT_PAID
from domain.customers.effects import FROZEN, UNFROZEN
from domain.fulfilment import closing, freezing, provisioning
from domain.fulfilment.effects import HELD
from domain.funds import aftermath as funds
from domain.funds import landing, paying_out, recharging, withdrawing
from domain.funds.effects import DEBTS, LANDED, REPAID, REPLENISHED
from domain.incentives import paying as incentives
from domain.offers import aftermath as offers
from domain.offers.effects import HOLDS
from domain.operating import kinds
from domain.orders import aftermath as orders
from domain.orders import online
from domain.orders.effects import CANCELLED, PAID
from domain.refunds import deciding as refunds
from domain.refunds.effects import REFUNDED
from domain.settlement import claims
from domain.settlement.effects import GENERATED
from domain.statements import opening, paying, sheets
from domain.upstream.effects import ANSWERED
from domain.vouchers import aftermath as vouchers
from models.upstream import System
from workers.effects import WAITS
from workers.ticks import TIMETABLE


def connect() -> None:
    """Tell every list what is on it. For the start of a process; harmless to call again."""
    CHECKS.connect(funds=funds.forbid_with_money, orders=orders.forbid_while_partner_pays)
    MADE.connect()
    SWITCHED.connect(
        authorizations=aftermath.end_authorizations_of_referrals,
        vouchers=vouchers.reclaim_coupons_of_switched,
        orders=orders.take_back_from_reseller,
        funds=funds.recover_when_switched,
    )
    ENDING.connect(
        changes=aftermath.cancel_changes,
        invitations=aftermath.close_invitations,
        authorizations=aftermath.end_authorizations,
        offers=offers.withdraw_offers,
        vouchers=vouchers.reclaim_coupons,
        orders=orders.take_back_from_partner,
        funds=funds.recover_when_it_ends,
    )
    FROZEN.connect(
        authorizations=aftermath.end_authorizations_of_frozen, fulfilment=freezing.freeze
    )
    UNFROZEN.connect(fulfilment=freezing.unfreeze)
    # Money that was paid for an order pays it; what it leaves, or can't pay, pays what is owed.
    LANDED.connect(orders=online.landed, consumption=collecting.landed)
    REPLENISHED.connect(consumption=collecting.replenished)
    DEBTS.connect(consumption=collecting.owed_to)
    REPAID.connect(orders=orders.mark_repaid)
    HOLDS.connect(orders=orders.hold_offers)
    PAID.connect(
        fulfilment=provisioning.ask_for_lines,
        consumption=recording.record_paid,
        settlement=claims.claim_sale,
    )
    CANCELLED.connect()
    HELD.connect(refunds=refunds.holding)
    REFUNDED.connect(consumption=recording.record_refunded, settlement=claims.claim_back)
    CHARGED.connect(settlement=claims.claim_usage)
    DEBT_PAID.connect(settlement=claims.claim_paid_later)
    GENERATED.connect(statements=opening.opened)
    ANSWERED.update(
        {
            (System.ONLINE_PAYMENT, recharging.OPERATION): landing.answered,
            (System.BANK, recharging.OPERATION): landing.answered,
            (System.BANK, withdrawing.OPERATION): paying_out.answered,
            (System.BANK, incentives.OPERATION): incentives.answered,
            (System.FINANCE, sheets.OPERATION): sheets.answered,
            (System.BANK, paying.OPERATION): paying.answered,
            (System.PROVISIONING, provisioning.OPEN): provisioning.answered,
            (System.PROVISIONING, provisioning.RENEW): provisioning.answered,
            (System.PROVISIONING, provisioning.CHANGE): provisioning.answered,
            (System.PROVISIONING, closing.CLOSE): closing.answered,
            (System.PROVISIONING, freezing.SUSPEND): freezing.answered,
            (System.PROVISIONING, freezing.RESUME): freezing.answered,
        }
    )
    kinds.connect(waits=WAITS, ticks=[periodic.name for periodic in TIMETABLE])
