"""Uploaded files as the API shows them."""

from domain.files import downloads
from domain.files.policy import FILES
from kit.reads import Node, column, computed, sql, table
from models import files as models
from schema.scalars import DateTime


@table(
    models.StoredFile,
    prefix="fil",
    scope=FILES,
    description="A file that a partner uploaded with `POST /files`: PDF, PNG, JPEG, XLSX, DOCX or"
    " JSONL of at most 10 MB. Within 24 hours something must refer to it; else it is removed.",
)
class StoredFile(Node):
    """Its bytes lie in the object store."""

    name: str = column("Its file name.")
    content_type: str = column("What it is, told by what is in it.")
    size: int = column("In bytes.")
    sha256: str = column("SHA-256 of its content, in hex.")
    uploaded_at: DateTime = column("When it was uploaded.", "created_at")
    is_attached: bool = sql("{t}.attached_to is not null", "Whether something refers to it.")
    download_url: str = computed(
        lambda row, _: downloads.link(row.id),
        ("id",),
        "Gives the file to whoever opens it, for 15 minutes.",
    )
