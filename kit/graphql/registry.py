"""Documents that were registered beforehand, and are asked for by their id: `sha256:…`.

As the appendix of GraphQL over HTTP on persisted documents has it. They come from a folder of
manifests, objects of ids and texts, as `partner-center documents build` and code generators write
them.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kit.graphql.refusals import BadRequest, DocumentNotFound, DocumentNotTrusted

PREFIX = "sha256:"

_ID = re.compile(r"sha256:[0-9a-f]{64}")


class ManifestInvalid(Exception):
    """A file of the folder that is no manifest, or one that says what isn't so."""


def id_of(text: str) -> str:
    """The id of a document: the hash of its text, to the letter."""
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()


class Registry:
    """Texts by id. With `only`, no other text is executed, however it comes."""

    def __init__(self, texts: Iterable[str] = (), *, only: bool = False) -> None:
        self._texts = {id_of(text): text for text in texts}
        self._known = frozenset(self._texts.values())
        self._only = only

    def __len__(self) -> int:
        return len(self._texts)

    def text(
        self, query: str | None, document_id: str | None, *, trusted_only: bool = False
    ) -> str:
        """The text to execute, a registered one if its client is `trusted_only`.

        Raises BadRequest, DocumentNotFound, DocumentNotTrusted.
        """
        if document_id is None:
            assert query is not None
            if (self._only or trusted_only) and query not in self._known:
                raise DocumentNotTrusted()
            return query
        if _ID.fullmatch(document_id) is None:
            raise BadRequest(
                reason="`documentId` must be `sha256:` and 64 hexadecimal digits in lower case.",
                reason_zh="documentId 必须是 sha256: 加 64 位小写十六进制数字。",
            )
        text = self._texts.get(document_id)
        if text is None:
            raise DocumentNotFound(document_id=document_id)
        return text


def texts_in(folder: Path) -> list[str]:
    """The texts of all manifests (`*.json`) in a folder. Raises ManifestInvalid."""
    if not folder.is_dir():
        raise ManifestInvalid(f"{folder} is no folder")
    return [text for place in sorted(folder.glob("*.json")) for text in _read(place)]


def _read(place: Path) -> list[str]:
    try:
        found: Any = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestInvalid(f"{place}: {error}") from error
    if not isinstance(found, Mapping):
        raise ManifestInvalid(f"{place}: not an object of ids and texts")
    for id, text in found.items():
        if not isinstance(text, str):
            raise ManifestInvalid(f"{place}: {id} is no text")
        if id_of(text) != PREFIX + id.removeprefix(PREFIX):
            raise ManifestInvalid(f"{place}: {id} is not the hash of its text")
    return list(found.values())
