"""Prints the partner's members, page by page, and then what has happened, by the typed client.

pip install ariadne-codegen httpx pydantic
ariadne-codegen                                   # writes partner_center_client/
TOKEN=… python members.py http://127.0.0.1:8000/graphql
"""

import asyncio
import os
import sys
from typing import Any
from uuid import uuid4

import httpx
from partner_center_client import MemberInviteInput, PartnerCenter


async def members(client: PartnerCenter) -> list[str]:
    """Each with the day since which it is one."""
    lines: list[str] = []
    after: str | None = None
    while True:
        page = (await client.members_page(first=50, after=after)).members
        for member in page.nodes:
            lines.append(f"{member.person.name}  {member.linked_at:%Y-%m-%d}")
        if not page.page_info.has_next_page:
            return lines
        after = page.page_info.end_cursor


async def invite(client: PartnerCenter, email: str) -> str:
    """What came of it: a refusal is data, not an exception."""
    # With a key, so that who doesn't know the outcome can send the same again.
    wish = MemberInviteInput(email=email, idempotency_key=str(uuid4()))
    answer = (await client.invite_member(wish)).member_invite
    if answer.errors:
        return ", ".join(f"{error.code}: {error.message}" for error in answer.errors)
    assert answer.member_invitation is not None
    return f"invited, until {answer.member_invitation.expires_at:%Y-%m-%d}"


async def main(url: str, token: str) -> None:
    """The whole of it."""
    headers: dict[str, Any] = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers) as http:
        client = PartnerCenter(url=url, http_client=http)
        sys.stdout.write("\n".join(await members(client)) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], os.environ["TOKEN"]))
