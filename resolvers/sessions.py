"""Signing in, staying signed in, changing seats, signing out."""

from datetime import datetime

import strawberry

from domain.identity import seats, sessions
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from resolvers.mutation import Outcome, mutation
from schema.context import Context
from schema.sessions import (
    SessionRefreshInput,
    SessionRefreshPayload,
    SessionSwitchSeatInput,
    SessionSwitchSeatPayload,
    SessionTokens,
    SignInInput,
    SignInPayload,
    SignOutEverywherePayload,
    SignOutPayload,
)


@strawberry.type
class SessionMutation:
    @mutation(
        "Begin a session with a password. Five failures for a mail address within a quarter of an"
        " hour, or fifty from a network address, and one has to wait.",
        SignInPayload,
        requires=describe("signIn"),
        public=True,
    )
    async def sign_in(
        self, viewer: Viewer, input: SignInInput, now: datetime, context: Context
    ) -> Outcome:
        signed_in = await sessions.sign_in(
            email=input.email,
            password=input.password,
            seat=None if input.seat is None else _seat(input.seat),
            address=context.address,
            client=context.client,
            now=now,
        )
        return Outcome(session=SessionTokens.of(signed_in))

    @mutation(
        "Spend a refresh token for new tokens. A repetition within ten seconds is answered alike,"
        " for a lost answer; a spent token that comes later ends the session, for it was stolen.",
        SessionRefreshPayload,
        requires=describe("sessionRefresh"),
        public=True,
    )
    async def session_refresh(
        self, viewer: Viewer, input: SessionRefreshInput, now: datetime
    ) -> Outcome:
        signed_in = await sessions.refresh(refresh_token=input.refresh_token, now=now)
        return Outcome(session=SessionTokens.of(signed_in))

    @mutation(
        "Go on in another seat. The answer has a new access token; the refresh token stays good,"
        " and so does an access token given before, for the seat it was given for.",
        SessionSwitchSeatPayload,
        requires=describe("sessionSwitchSeat"),
    )
    async def session_switch_seat(
        self, viewer: Viewer, input: SessionSwitchSeatInput, now: datetime
    ) -> Outcome:
        signed_in = await sessions.switch_seat(viewer=viewer, seat=_seat(input.seat), now=now)
        return Outcome(session=SessionTokens.of(signed_in))

    @mutation(
        "End this session: its tokens open nothing any more.",
        SignOutPayload,
        requires=describe("signOut"),
    )
    async def sign_out(self, viewer: Viewer, now: datetime) -> Outcome:
        await sessions.sign_out(viewer=viewer, now=now)
        return Outcome(sessions_ended=1)

    @mutation(
        "End all sessions of one's own, this one too.",
        SignOutEverywherePayload,
        requires=describe("signOutEverywhere"),
    )
    async def sign_out_everywhere(self, viewer: Viewer, now: datetime) -> Outcome:
        ended = await sessions.sign_out_everywhere(viewer=viewer, now=now)
        return Outcome(sessions_ended=ended)


def _seat(text: str) -> seats.Seat:
    return seats.named(text, path=("input", "seat"))
