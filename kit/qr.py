"""QR codes of short texts, as pictures for screens (PNG) and for print (SVG)."""

import io
from functools import lru_cache

import segno

BORDER = 4  # modules of white around it, as the standard asks


@lru_cache(maxsize=256)
def _code(text: str) -> segno.QRCode:
    # A quarter may be hidden by a thumb or a logo and it is still read.
    return segno.make_qr(text, error="q")


def png(text: str, *, scale: int) -> bytes:
    """A PNG, each module `scale` pixels wide."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=BORDER)
    return out.getvalue()


def svg(text: str, *, scale: int) -> str:
    """An SVG element, to be put into a page or a file as it is."""
    out = io.BytesIO()
    _code(text).save(out, kind="svg", scale=scale, border=BORDER, xmldecl=False, nl=False)
    return out.getvalue().decode()
