"""Queries about uploaded files."""

import strawberry

from kit.reads import root_one
from schema.files import StoredFile


@strawberry.type
class FileQuery:
    stored_file: StoredFile | None = root_one(
        "An uploaded file by its id; null when you may not see it, or it was removed.",
        prefix="fil",
    )
