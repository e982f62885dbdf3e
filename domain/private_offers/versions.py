"""Drafts of a private offer's terms: one at a time, beside what is published."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.private_offers import guards, history, standing, terms
from domain.private_offers.terms import Terms
from kit import ratios
from kit.problems import Problem, VersionConflict
from kit.transaction import transactional
from models.private_offers import PrivateOffer, PrivateOfferVersion, TermsStatus
from models.private_offers import PrivateOfferStatus as Status


class DraftAlreadyOpen(Problem):
    """Somebody is writing the next version already: edit that one, or discard it."""

    en = "Version {sequence} is being drafted already."
    zh = "版本 {sequence} 正在编辑中。"
    about = {"sequence": "The number of the open draft."}
    sequence: int


class NoDraftOpen(Problem):
    """There is no draft to edit, discard or publish."""

    en = "No draft is open; open one first."
    zh = "当前没有草稿,请先新建草稿。"


@transactional
async def open_draft(*, viewer: Viewer, offer_id: UUID, now: datetime) -> PrivateOffer:
    """Begin the next version with what the published one says; that stays as it is meanwhile.

    Raises DraftAlreadyOpen; PrivateOfferExpired or WrongStatus when nothing can be published.
    """
    permissions.require(viewer, "privateOfferDraftOpen")
    offer = await standing.locked(viewer, offer_id, guards.open_draft, now=now)
    drafted = await _draft_of(offer)
    if drafted is not None:
        raise DraftAlreadyOpen(sequence=drafted.sequence)

    current = await PrivateOfferVersion.get(id=offer.current_version_id)
    given = await terms.of(current)
    assert viewer.actor_id is not None
    version = await terms.draft(
        offer_id=offer.id,
        sequence=current.sequence + 1,
        terms=given,
        offered=await terms.found(given.prices, merchant_id=offer.merchant_id),
        by=viewer.actor_id,
        now=now,
    )
    await _tell("draft_opened", offer, version, viewer=viewer, now=now)
    return offer


@transactional
async def edit_draft(
    *,
    viewer: Viewer,
    offer_id: UUID,
    expected_version: int,
    offered: Terms,
    now: datetime,
) -> PrivateOffer:
    """Make this of the open draft, whose `version` is expected to be that.

    Raises NoDraftOpen, VersionConflict, InvalidInput, and NotFound for what isn't the merchant's.
    """
    permissions.require(viewer, "privateOfferDraftEdit")
    given = terms.checked(offered)
    offer = await standing.locked(viewer, offer_id, guards.edit_draft, now=now)
    version = await expected(offer, expected_version)
    found = await terms.found(given.prices, merchant_id=offer.merchant_id)

    before = version.ratio
    version.ratio = given.ratio
    version.effective_at = given.effective_at
    version.expires_at = given.expires_at
    version.note = given.note
    version.version += 1
    await version.save(update_fields=["ratio", "effective_at", "expires_at", "note", "version"])
    await terms.keep(version, given.prices, offered=found, now=now)
    if offer.status is Status.DRAFT:
        # Until something is published, the offer shows what the first draft says.
        offer.ratio = given.ratio
        offer.effective_at = given.effective_at
        offer.expires_at = given.expires_at
        offer.version += 1
        await offer.save(update_fields=["ratio", "effective_at", "expires_at", "version"])
    await _tell("draft_edited", offer, version, viewer=viewer, before=before, now=now)
    return offer


@transactional
async def discard_draft(*, viewer: Viewer, offer_id: UUID, now: datetime) -> PrivateOffer:
    """Throw the open draft away; the published terms stay. Raises NoDraftOpen, OnlyVersion."""
    permissions.require(viewer, "privateOfferDraftDiscard")
    offer = await standing.locked(viewer, offer_id, guards.discard_draft, now=now)
    version = await _draft_of(offer)
    if version is None:
        raise NoDraftOpen()
    await PrivateOfferVersion.filter(id=version.id).delete()
    await _tell("draft_discarded", offer, version, viewer=viewer, now=now)
    return offer


async def expected(offer: PrivateOffer, version: int) -> PrivateOfferVersion:
    """The open draft of a held offer. Raises NoDraftOpen, VersionConflict when it has changed."""
    draft = await _draft_of(offer)
    if draft is None:
        raise NoDraftOpen()
    if draft.version != version:
        raise VersionConflict(current=draft.version, path=("input", "expectedVersion"))
    return draft


async def _draft_of(offer: PrivateOffer) -> PrivateOfferVersion | None:
    """Whoever writes a draft holds its offer."""
    return await PrivateOfferVersion.get_or_none(offer_id=offer.id, status=TermsStatus.DRAFT)


async def _tell(
    happened: str,
    offer: PrivateOffer,
    version: PrivateOfferVersion,
    *,
    viewer: Viewer,
    before: Decimal | None = None,
    now: datetime,
) -> None:
    await history.of_offer(
        happened,
        offer,
        viewer=viewer,
        before={"ratio": ratios.written(before)} if before is not None else None,
        after={"sequence": version.sequence, "ratio": ratios.written(version.ratio)},
        is_private=True,
        now=now,
    )
