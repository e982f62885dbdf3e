"""Secrets and signatures, exactly as Standard Webhooks 1.0 says.

No table holds a secret: it is made of a random salt, which lies on the endpoint's row, and of the
deployment's key. Who has only one of the two can sign nothing.
"""

import hashlib
import hmac
import secrets as random
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

from kit import secrets

PREFIX = "whsec_"


def new_salt() -> str:
    """Something that a new secret is made of."""
    return random.token_hex(32)


def secret_of(salt: str) -> str:
    """`whsec_` and 32 bytes in base64: what the receiver checks signatures with."""
    return PREFIX + b64encode(_key(salt)).decode()


def headers(id: str, body: bytes, *, salts: Iterable[str], wall: datetime) -> dict[str, str]:
    """The three headers, with a signature by each of the secrets.

    `wall` is when this attempt is made, so that the receiver can refuse what was recorded and is
    played to it again.
    """
    stamp = str(int(wall.timestamp()))
    signed = f"{id}.{stamp}.".encode() + body
    signatures = (b64encode(hmac.digest(_key(salt), signed, hashlib.sha256)) for salt in salts)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature.decode()}" for signature in signatures),
    }


def _key(salt: str) -> bytes:
    return secrets.derive(f"webhook secret: {salt}")
