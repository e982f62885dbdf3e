"""Who sees which messages: the seat that they are for, and nobody else."""

from kit.scope import Scope

_MINE = "{t}.seat_id = {viewer.seat_id}"

INBOX = Scope(STAFF=_MINE, OPERATOR=_MINE, CUSTOMER=_MINE, PERSON=_MINE)
