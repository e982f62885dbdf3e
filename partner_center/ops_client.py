"""The API as the command line asks it: one HTTP client, signed in, and lists to their end."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

TIMEOUT = 30.0  # a pause waits ten seconds for a worker
PAGE = 100

_SIGN_IN = """mutation($email: String!, $password: String!) {
  signIn(input: {email: $email, password: $password}) {
    session { accessToken } errors { message } } }"""
_SIGN_OUT = "mutation { signOut { errors { message } } }"


class Failed(Exception):
    """The question wasn't answered, or was refused; its text is for people."""


class Client:
    """Asks as somebody. Raises Failed for whatever isn't an answer."""

    def __init__(self, http: httpx.Client, token: str | None) -> None:
        self._http = http
        self._token = token

    def ask(self, document: str, **variables: Any) -> Any:
        """The data of an answer."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._http.post(
                "/graphql", json={"query": document, "variables": variables}, headers=headers
            ).json()
        except httpx.HTTPError as error:
            raise Failed(f"{self._http.base_url} doesn't answer: {error!r}") from None
        except ValueError:
            raise Failed(f"{self._http.base_url} is no API of this kind.") from None
        if errors := answer.get("errors"):
            codes = [
                f"{(each.get('extensions') or {}).get('code', 'ERROR')}: {each['message']}"
                for each in errors
            ]
            raise Failed("\n".join(codes))
        return answer["data"]

    def call(self, document: str, **variables: Any) -> Any:
        """The payload of the mutation that a document calls. Raises Failed when it is refused."""
        [payload] = self.ask(document, **variables).values()
        if payload["errors"]:
            raise Failed(
                "\n".join(f"{each['code']}: {each['message']}" for each in payload["errors"])
            )
        return payload

    def listed(
        self, field: str, selection: str, *, filter: tuple[str, Mapping[str, Any]], most: int
    ) -> Iterator[dict[str, Any]]:
        """Up to `most` objects of a list of `ops`, page by page."""
        type_name, conditions = filter
        document = (
            f"query($first: Int!, $after: String, $filter: {type_name}) {{ ops {{"
            f" {field}(first: $first, after: $after, filter: $filter) {{"
            f" nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        )
        after, left = None, most
        while left > 0:
            page = self.ask(document, first=min(left, PAGE), after=after, filter=dict(conditions))[
                "ops"
            ][field]
            yield from page["nodes"]
            left -= len(page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


@contextmanager
def signed_in(url: str) -> Iterator[Client]:
    """A client by PARTNER_CENTER_TOKEN, or else by a sign-in that ends with it.

    The sign-in is by PARTNER_CENTER_EMAIL and PARTNER_CENTER_PASSWORD. Raises Failed.
    """
    with httpx.Client(base_url=url.rstrip("/"), timeout=TIMEOUT) as http:
        token = os.environ.get("PARTNER_CENTER_TOKEN")
        if token:
            yield Client(http, token)
            return
        email = os.environ.get("PARTNER_CENTER_EMAIL")
        password = os.environ.get("PARTNER_CENTER_PASSWORD")
        if not email or not password:
            raise Failed(
                "Set PARTNER_CENTER_TOKEN, or PARTNER_CENTER_EMAIL and PARTNER_CENTER_PASSWORD."
            )
        payload = Client(http, None).ask(_SIGN_IN, email=email, password=password)["signIn"]
        if payload["errors"]:
            raise Failed(payload["errors"][0]["message"])
        client = Client(http, payload["session"]["accessToken"])
        try:
            yield client
        finally:
            client.ask(_SIGN_OUT)
