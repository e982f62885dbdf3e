"""One secret key for the deployment; each purpose gets a key of its own from it."""

import hashlib
import hmac

_secret: bytes | None = None


def configure(secret: str) -> None:
    """Say the deployment's secret, once at startup."""
    global _secret
    _secret = secret.encode()


def derive(purpose: str) -> bytes:
    """32 bytes that only this deployment has, different for every purpose, always the same."""
    assert _secret is not None, "kit.secrets.configure() was not called"
    return hmac.digest(_secret, purpose.encode(), hashlib.sha256)
