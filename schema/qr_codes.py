"""QR codes of links, as pictures."""

from base64 import b64encode

import strawberry

from kit import qr

SCALE = 8  # pixels a module


@strawberry.type(description="The QR code of a link, as pictures.")
class QrCode:
    link: str = strawberry.field(description="What it says.")
    png: str = strawberry.field(description="A PNG as base64, for screens.")
    svg: str = strawberry.field(description="An SVG element, for print.")


def drawn(link: str | None) -> QrCode | None:
    """The pictures of a link; takes some milliseconds, so that only root fields offer it."""
    if link is None:
        return None
    png = b64encode(qr.png(link, scale=SCALE)).decode()
    return QrCode(link=link, png=png, svg=qr.svg(link, scale=SCALE))
