"""People who sign in elsewhere: an issuer's name for somebody, linked to the person here."""

from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity.people import could_be_known
from domain.identity.viewer import Viewer, ViewerKind
from kit.ids import new_id
from kit.transaction import lock, transactional
from models.identity import ExternalIdentity, Person


async def known(*, issuer: str, subject: str) -> UUID | None:
    """The person that this issuer calls `subject`, if they have been here before."""
    identity = await ExternalIdentity.get_or_none(issuer=issuer, subject=subject)
    return identity.person_id if identity else None


@transactional
async def link(*, issuer: str, subject: str, email: str, now: datetime) -> UUID | None:
    """Recognise a newcomer by a mail address that the issuer has verified; the person, or None.

    A person has one name at an issuer. When somebody else turns up there with the same address
    (the mailbox was given to a successor), they are not let into the predecessor's account.
    """
    email = email.strip().lower()
    found = (
        await Person.get_or_none(email=email, disabled_at=None) if could_be_known(email) else None
    )
    person = await lock(Person, id=found.id) if found else None
    if person is None:
        return None
    linked = await ExternalIdentity.get_or_none(issuer=issuer, person_id=person.id)
    if linked is not None:
        return person.id if linked.subject == subject else None

    identity = await ExternalIdentity.create(
        id=new_id(), created_at=now, person_id=person.id, issuer=issuer, subject=subject
    )
    await events.record(
        "external_identity.linked",
        actor=Viewer(kind=ViewerKind.PERSON, display_name=person.name, person_id=person.id),
        subject_type="external_identity",
        subject_id=identity.id,
        tenant_id=events.PLATFORM_TENANT,
        person_id=person.id,
        after={"issuer": issuer},
        at=now,
    )
    return person.id
