"""What stands on certificates and agreements, in Chinese and in English."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from uuid import UUID

from domain.partners.names import called
from domain.programmes import certificates, guards
from domain.programmes import certification_guards as role_guards
from domain.programmes.deadlines import today
from kit.printing import Document
from kit.workdays import SHANGHAI
from models.certification import PathStage, RoleCertification
from models.programmes import (
    Agreement,
    AgreementSignature,
    Programme,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
)

_ROLES = {
    "SOFTWARE": ("软件伙伴", "Software partner"),
    "SERVICE": ("服务伙伴", "Service partner"),
    "SYSTEM_INTEGRATION": ("系统集成伙伴", "System integration partner"),
    "LEARNING": ("学习与赋能伙伴", "Learning and enablement partner"),
}
_STAGES = {
    PathStage.CERTIFIED: ("已认证", "certified"),
    PathStage.DIFFERENTIATED: ("差异化", "differentiated"),
}


async def document(kind: str, id: UUID, *, language: str, now: datetime) -> Document | None:
    """The document behind a link; None when it is not (any more) true what it would say."""
    write = _WRITERS.get(kind)
    return None if write is None else await write(id, language == "zh", now)


async def _agreement(id: UUID, zh: bool, now: datetime) -> Document | None:
    agreement = await Agreement.get_or_none(id=id)
    return None if agreement is None else _text_of(agreement, [], zh)


async def _signature(id: UUID, zh: bool, now: datetime) -> Document | None:
    signature = await AgreementSignature.get_or_none(id=id).prefetch_related("agreement", "partner")
    if signature is None:
        return None
    facts = [
        (_say(zh, "签署方", "Signed for"), called(signature.partner, _language(zh))),
        (_say(zh, "签署人", "Signed by"), signature.signer_name),
        (_say(zh, "签署时间", "Signed at"), _moment(signature.signed_at, zh)),
        (
            _say(zh, "签署方式", "Signed"),
            _say(zh, "线下", "on paper") if signature.on_paper else _say(zh, "在线", "online"),
        ),
    ]
    return _text_of(signature.agreement, facts, zh)


async def _membership(id: UUID, zh: bool, now: datetime) -> Document | None:
    application = await ProgrammeApplication.get_or_none(id=id).prefetch_related(
        "partner", "programme"
    )
    if application is None or application.effective_from is None:
        return None
    if guards.application_status(application, now) is not ProgrammeApplicationStatus.APPROVED:
        return None
    programme: Programme = application.programme
    name = programme.name if zh else programme.name_en
    return Document(
        language=_language(zh),
        title=_say(zh, "伙伴计划证书", "Certificate of membership"),
        subtitle=name,
        facts=[
            (_say(zh, "伙伴名称", "Partner"), called(application.partner, _language(zh))),
            (_say(zh, "伙伴计划", "Programme"), name),
            (
                _say(zh, "证书编号", "Number"),
                certificates.membership_number(application, programme),
            ),
            (_say(zh, "生效日期", "Member since"), _day(today(application.effective_from))),
            (_say(zh, "有效期至", "Valid until"), _end(application.expires_at, zh)),
        ],
        paragraphs=[
            _say(
                zh,
                f"兹证明{application.partner.name}已加入“{programme.name}”,"
                "享有该计划约定的权益并承担相应职责。",
                f"This certifies that {called(application.partner, _language(zh))} is a member of"
                f" the programme {programme.name_en}, with its benefits and duties.",
            )
        ],
        footer=_printed(now, zh),
    )


async def _role(id: UUID, zh: bool, now: datetime) -> Document | None:
    row = await RoleCertification.get_or_none(id=id).prefetch_related("partner")
    if row is None or row.valid_from is None:
        return None
    stage = role_guards.stage_now(row, now)
    if stage not in _STAGES:
        return None
    role = _ROLES[row.role.value][0 if zh else 1]
    reached = _STAGES[stage][0 if zh else 1]
    name = called(row.partner, _language(zh))
    return Document(
        language=_language(zh),
        title=_say(zh, "角色认证证书", "Certificate of a role"),
        subtitle=f"{role} · {reached}",
        facts=[
            (_say(zh, "伙伴名称", "Partner"), name),
            (_say(zh, "角色", "Role"), role),
            (_say(zh, "阶段", "Stage"), reached),
            (_say(zh, "证书编号", "Number"), certificates.role_number(row)),
            (_say(zh, "认证日期", "Certified on"), _day(row.valid_from)),
            (
                _say(zh, "有效期至", "Valid until"),
                _day(row.valid_to) if row.valid_to else _say(zh, "长期有效", "no end"),
            ),
        ],
        paragraphs=[
            _say(
                zh,
                f"兹证明{name}已达成{role}发展路径的{reached}条件。",
                f"This certifies that {name} has met what the path of a {role.lower()} asks for"
                f" to be {reached}.",
            )
        ],
        footer=_printed(now, zh),
    )


_WRITERS: dict[str, Callable[[UUID, bool, datetime], Awaitable[Document | None]]] = {
    certificates.AGREEMENT: _agreement,
    certificates.SIGNATURE: _signature,
    certificates.MEMBERSHIP: _membership,
    certificates.ROLE: _role,
}


def _text_of(agreement: Agreement, facts: list[tuple[str, str]], zh: bool) -> Document:
    text = agreement.text if zh else agreement.text_en
    return Document(
        language=_language(zh),
        title=agreement.name if zh else agreement.name_en,
        subtitle=_say(zh, f"版本 {agreement.version}", f"Version {agreement.version}"),
        facts=[
            *facts,
            (_say(zh, "生效日期", "In force since"), _day(today(agreement.effective_at))),
            (_say(zh, "文本摘要 SHA-256", "SHA-256 of the Chinese text"), agreement.text_sha256),
        ],
        paragraphs=[line for line in text.splitlines() if line.strip()],
        footer=_say(
            zh, "以中文文本为准。", "The Chinese text binds; this translation is a courtesy."
        ),
    )


def _language(zh: bool) -> str:
    return "zh" if zh else "en"


def _say(zh: bool, chinese: str, english: str) -> str:
    return chinese if zh else english


def _day(day: date) -> str:
    return day.isoformat()


def _moment(at: datetime, zh: bool) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} " + _say(zh, "(北京时间)", "(UTC+8)")


def _end(at: datetime | None, zh: bool) -> str:
    return _say(zh, "长期有效", "no end") if at is None else _moment(at, zh)


def _printed(now: datetime, zh: bool) -> str:
    return _say(zh, "打印时间:", "Printed at ") + _moment(now, zh)
