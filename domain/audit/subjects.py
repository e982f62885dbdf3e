"""What the ids of things begin with that events name: `evt_…` for everybody outside."""

from collections.abc import Mapping
from uuid import UUID

from kit import ids

# Of the things that events are about, those that the API has a type for.
PREFIXES: Mapping[str, str] = {
    "adjust_record": "adj",
    "agreement_signature": "sig",
    "api_key": "key",
    "association_change": "ach",
    "business_information": "biz",
    "coupon": "cpn",
    "customer": "cus",
    "customer_invitation": "civ",
    "customer_report": "rep",
    "customer_requirement": "crq",
    "exclusive_offer": "eof",
    "export": "exp",
    "goods": "gds",
    "improvement_plan": "imp",
    "incentive": "inc",
    "incentive_feedback": "icf",
    "incentive_policy": "icp",
    "ledger_account": "act",
    "ledger_audit": "lau",
    "member": "mbr",
    "member_invitation": "inv",
    "member_project": "prj",
    "on_behalf_authorization": "oba",
    "operator": "opr",
    "order": "ord",
    "partner": "ptn",
    "partner_bill": "pbl",
    "pause": "pau",
    "payment_application": "pap",
    "performance_feedback": "pff",
    "performance_line": "pfl",
    "performance_sheet": "pfs",
    "private_offer": "pvo",
    "programme_application": "app",
    "programme_invitation": "pgi",
    "recharge": "rch",
    "refund": "rfd",
    "role": "rol",
    "role_certification": "rlc",
    "service_supervision": "ssv",
    "session": "ses",
    "settlement_run": "run",
    "sku": "sku",
    "special_application": "spa",
    "statement": "stm",
    "statement_dispute": "std",
    "stored_file": "fil",
    "subscription": "sub",
    "test_voucher_application": "tva",
    "upstream_request": "upr",
    "usage_import": "uim",
    "voucher_quota": "vqt",
    "webhook_endpoint": "whe",
    "withdrawal": "wdr",
}


def id_of(subject_type: str, subject_id: UUID) -> str | None:
    """The thing's id as the API says it; None for what it has no type for."""
    prefix = PREFIXES.get(subject_type)
    return None if prefix is None else ids.encode(prefix, subject_id)
