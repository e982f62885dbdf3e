"""What a bucket does with a signed link: AWS's Signature Version 4 in a query, by the book.

Written from its description, on nothing but HMAC; `test_signed_links` holds it against the example
that AWS has published.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit


class Refused(Exception):
    """The bucket would not hand it out, and says why."""


def check(url: str, *, secrets: dict[str, str], now: datetime, method: str = "GET") -> str:
    """Whose link it is. Raises Refused for one that was changed, is over, or is nobody's."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    given = query.pop("X-Amz-Signature")
    if query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256":
        raise Refused("AuthorizationQueryParametersError")
    key, day, region, service, end = query["X-Amz-Credential"].split("/")
    at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if (service, end, day) != ("s3", "aws4_request", f"{at:%Y%m%d}"):
        raise Refused("AuthorizationQueryParametersError")
    lasts = timedelta(seconds=int(query["X-Amz-Expires"]))
    if not at - timedelta(minutes=15) <= now <= at + lasts or lasts > timedelta(days=7):
        raise Refused("Request has expired")
    if query["X-Amz-SignedHeaders"] != "host":
        raise Refused("a client sends no other header than this")
    request = "\n".join(
        [
            method,
            parts.path,
            "&".join(
                f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in sorted(query.items())
            ),
            f"host:{parts.netloc}\n",
            "host",
            "UNSIGNED-PAYLOAD",
        ]
    )
    scope = f"{day}/{region}/{service}/{end}"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    told = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{hashed}"
    if key not in secrets:
        raise Refused("InvalidAccessKeyId")
    proof = f"AWS4{secrets[key]}".encode()
    for word in (day, region, service, end, told):
        proof = hmac.digest(proof, word.encode(), "sha256")
    if not hmac.compare_digest(proof.hex(), given):
        raise Refused("SignatureDoesNotMatch")
    return key
