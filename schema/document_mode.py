"""Which documents a client may ask for."""

from models.identity import DocumentMode
from schema.enums import described

__all__ = ["DocumentMode"]

described(
    DocumentMode,
    "Which documents a client may ask for.",
    ALLOW_ANY="All, as long as the whole deployment isn't bound to registered ones.",
    TRUSTED_ONLY="Those that are registered with the deployment: by their id, or by the very same"
    " text. Others are refused with `DOCUMENT_NOT_TRUSTED`.",
)
