"""Agreements and who signed them, as the API shows them (P-09)."""

from typing import Annotated

import strawberry

from domain.programmes import certificates
from domain.programmes.policy import AGREEMENTS, SIGNATURES
from kit.reads import Connection, Node, column, computed, one, table
from models import programmes as models
from schema.events import Event, happened
from schema.partners import PartnerRef
from schema.scalars import DateTime

_PAGE = "A page to print, for whoever opens it, for 15 minutes; `?lang=zh` or `en`."
_PDF = "The text as a PDF, for whoever opens it, for 15 minutes; `?lang=zh` or `en`."

AgreementRef = Annotated["Agreement", strawberry.lazy("schema.agreements")]


@table(
    models.Agreement,
    prefix="agr",
    scope=AGREEMENTS,
    description="One version of the text of an agreement. A changed text is a new version.",
)
class Agreement(Node):
    """The Chinese text binds."""

    code: str = column("Which agreement: `CSP_AGREEMENT`.")
    version: str = column("Which version of it.")
    name: str = column("Its name in Chinese.")
    name_en: str = column("Its name in English.")
    text: str = column("The text, in Chinese; this is what binds.")
    text_en: str = column("The text in English, as a courtesy.")
    text_sha256: str = column("SHA-256 of the Chinese text, in hex.")
    on_paper: bool = column("Whether it is signed offline, and recorded by the platform.")
    effective_at: DateTime = column("Since when it is in force, until a later version is.")
    print_url: str = computed(
        lambda row, _: certificates.links_to(certificates.AGREEMENT, row.id).page, ("id",), _PAGE
    )
    pdf_url: str = computed(
        lambda row, _: certificates.links_to(certificates.AGREEMENT, row.id).pdf, ("id",), _PDF
    )


@table(
    models.AgreementSignature,
    prefix="sig",
    scope=SIGNATURES,
    description="That somebody signed a version of an agreement for a partner.",
)
class AgreementSignature(Node):
    """P-09."""

    partner: PartnerRef | None = one("partner_id", "For whom.")
    agreement: AgreementRef | None = one(
        "agreement_id", "Which version of an agreement was signed."
    )
    signer_name: str = column("Who signed.")
    signed_at: DateTime = column("When it was signed.")
    text_sha256: str = column("SHA-256 of the text that was signed, in hex.")
    on_paper: bool = column("Whether it was signed offline.")
    print_url: str = computed(
        lambda row, _: certificates.links_to(certificates.SIGNATURE, row.id).page, ("id",), _PAGE
    )
    pdf_url: str = computed(
        lambda row, _: certificates.links_to(certificates.SIGNATURE, row.id).pdf, ("id",), _PDF
    )
    history: Connection[Event] = happened()
