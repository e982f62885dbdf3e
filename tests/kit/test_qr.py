"""QR codes: of the text alone, as a picture that any reader takes."""

import struct
from xml.etree import ElementTree

import pytest

from kit import qr

LINK = "https://partners.example/invitations/customer#" + "0" * 32 + "A" * 43


def test_the_same_text_is_the_same_picture_and_another_is_another() -> None:
    assert qr.png(LINK, scale=8) == qr.png(LINK, scale=8)
    assert qr.svg(LINK, scale=8) != qr.svg(LINK + "x", scale=8)


@pytest.mark.parametrize("scale", [1, 8])
def test_a_picture_is_square_with_white_around_it(scale: int) -> None:
    picture = qr.png(LINK, scale=scale)
    width, height = struct.unpack(">II", picture[16:24])
    drawn = ElementTree.fromstring(qr.svg(LINK, scale=scale))

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert width == height
    assert drawn.attrib["width"] == drawn.attrib["height"] == str(width)
    # Versions have 17 + 4n modules a side.
    assert (width // scale - 2 * qr.BORDER - 17) % 4 == 0
