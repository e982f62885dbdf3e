"""Signing in and out: inputs and payloads."""

import strawberry

from domain.identity.sessions import InvalidCredentials, NoSession, SessionEnded, SignedIn
from domain.identity.throttle import SignInThrottled
from schema.identity import Seat
from schema.payloads import payload, told
from schema.scalars import DateTime


@strawberry.type(
    description="What a client keeps of a sign-in. Send the access token as `Authorization:"
    " Bearer …`. Times are real time, also in a sandbox."
)
class SessionTokens:
    access_token: str = strawberry.field(description="Good for a quarter of an hour.")
    expires_at: DateTime = strawberry.field(description="From when on it is not.")
    refresh_token: str | None = strawberry.field(
        description="Good for one `sessionRefresh`; null where the one you have stays good."
    )
    session_expires_at: DateTime = strawberry.field(
        description="When one has to sign in again at the latest."
    )
    seat: Seat = strawberry.field(description="The capacity in which the tokens act.")

    @staticmethod
    def of(signed_in: SignedIn) -> "SessionTokens":
        """The tokens as the API tells them."""
        return SessionTokens(
            access_token=signed_in.access_token,
            expires_at=DateTime(signed_in.expires_at),
            refresh_token=signed_in.refresh_token,
            session_expires_at=DateTime(signed_in.session.expires_at),
            seat=Seat.of(signed_in.seat),
        )


_TOKENS = "The tokens; said once."


@strawberry.input(description="Sign in with a password.")
class SignInInput:
    email: str = strawberry.field(description="The mail address of the account.")
    password: str = strawberry.field(description="Its password.")
    seat: strawberry.ID | None = strawberry.field(
        default=None,
        description="The seat to take. If unsaid: staff before operator before customer's user"
        " before one's own name, the oldest of a kind.",
    )


@payload(errors=(InvalidCredentials, SignInThrottled))
class SignInPayload:
    session: SessionTokens | None = told(_TOKENS)


@strawberry.input(description="Renew the tokens of a session.")
class SessionRefreshInput:
    refresh_token: str = strawberry.field(description="The last one that was given.")


@payload(errors=(SessionEnded,))
class SessionRefreshPayload:
    session: SessionTokens | None = told(_TOKENS)


@strawberry.input(description="Go on in another capacity.")
class SessionSwitchSeatInput:
    seat: strawberry.ID = strawberry.field(description="One of `viewer.seats`.")


@payload(errors=(NoSession,))
class SessionSwitchSeatPayload:
    session: SessionTokens | None = told(_TOKENS)


@payload(errors=(NoSession,))
class SignOutPayload:
    sessions_ended: int | None = told("How many sessions have ended: one.")


@payload(errors=(NoSession,))
class SignOutEverywherePayload:
    sessions_ended: int | None = told("How many sessions have ended.")
