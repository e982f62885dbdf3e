"""Certificates of memberships and roles, and signed agreements: what is printed, and who gets it.

A link is given to who may see the thing, opens its print for a quarter of an hour, and needs no
sign-in: it is for a browser to open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.programmes import business_information, guards, history, policy
from domain.programmes import certification_guards as role_guards
from kit import clock, links, tickets
from kit.guards import refuse
from kit.problems import Problem
from kit.transaction import transactional
from models.certification import RoleCertification
from models.programmes import Programme, ProgrammeApplication

GOOD_FOR = timedelta(minutes=15)

AGREEMENT = "agreement"
SIGNATURE = "signature"
MEMBERSHIP = "membership"
ROLE = "role"


class BusinessInformationNotCertified(Problem):
    """P-08: certificates are for partners whose business information is certified."""

    en = "Certificates can be downloaded once the business information is certified."
    zh = "完成商业信息认证后方可下载证书。"


@dataclass(frozen=True, slots=True)
class Links:
    """Where something can be printed, and fetched as a PDF."""

    page: str
    pdf: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate's number and its links."""

    number: str
    links: Links


@transactional
async def issue_membership(*, viewer: Viewer, application_id: UUID, now: datetime) -> Issued:
    """The certificate of a programme that was joined, by the number that is printed on it.

    Raises WrongStatus and ApplicationExpired unless the membership is in effect, and
    BusinessInformationNotCertified.
    """
    viewer.require_operator()
    await policy.APPLICATIONS.require(
        ProgrammeApplication, application_id, viewer=viewer, now=now, thing="application"
    )
    application = await ProgrammeApplication.get(id=application_id)
    refuse(guards.issue_certificate(application, viewer, now))
    await _require_business_information(application.partner_id)
    programme = await Programme.get(id=application.programme_id)
    number = membership_number(application, programme)
    await history.record(
        "programme_application.certificate_issued",
        application,
        viewer=viewer,
        after={"number": number},
        now=now,
    )
    return Issued(number, links_to(MEMBERSHIP, application.id))


@transactional
async def issue_role(*, viewer: Viewer, certification_id: UUID, now: datetime) -> Issued:
    """The certificate of a role. Raises RoleNotCertified, BusinessInformationNotCertified."""
    viewer.require_operator()
    await policy.ROLE_CERTIFICATIONS.require(
        RoleCertification, certification_id, viewer=viewer, now=now, thing="role certification"
    )
    certification = await RoleCertification.get(id=certification_id)
    refuse(role_guards.issue_role_certificate(certification, viewer, now))
    await _require_business_information(certification.partner_id)
    number = role_number(certification)
    await history.record(
        "role_certification.certificate_issued",
        certification,
        viewer=viewer,
        after={"number": number},
        now=now,
    )
    return Issued(number, links_to(ROLE, certification.id))


def links_to(kind: str, id: UUID) -> Links:
    """A page and a PDF for whoever opens them, for a quarter of an hour."""
    ticket = tickets.issue(_purpose(kind), id=id, until=clock.wall() + GOOD_FOR)
    return Links(links.page(f"print/{kind}/{ticket}"), links.page(f"print/{kind}/{ticket}.pdf"))


def opened_by(kind: str, ticket: str, *, wall: datetime) -> UUID | None:
    """What a link's ticket opens; None when it is none of ours, for something else, or over."""
    return tickets.read(_purpose(kind), ticket, wall=wall)


def membership_number(application: ProgrammeApplication, programme: Programme) -> str:
    """The same for as long as the membership lasts: programme, year, eight characters."""
    begun = application.effective_from
    assert begun is not None
    return f"{programme.code}-{begun:%Y}-{application.id.hex[-8:].upper()}"


def role_number(certification: RoleCertification) -> str:
    """The same for as long as the certification lasts: role, year, eight characters."""
    begun = certification.valid_from
    assert begun is not None
    return f"{certification.role.value}-{begun:%Y}-{certification.id.hex[-8:].upper()}"


def _purpose(kind: str) -> str:
    return f"print-{kind}"


async def _require_business_information(partner_id: UUID) -> None:
    if not await business_information.is_certified(partner_id=partner_id):
        raise BusinessInformationNotCertified()
