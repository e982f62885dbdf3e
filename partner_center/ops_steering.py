"""What `partner-center ops` does: trying again, holding, letting go."""

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from partner_center.ops_app import HOW, How, app, asking, said, say, span_of, tell
from partner_center.ops_lists import PAUSE
from partner_center.ops_tables import Column, partner, plain

if TYPE_CHECKING:
    from partner_center.ops_client import Client

# As the API's enum has them, in small letters: what else is typed is refused with these named.
Queue = Literal["timers", "ticks", "mails", "texts", "deliveries", "exports", "upstream"]

_PAUSED: list[Column] = [
    *plain("id", "kind"),
    ("partner", partner),
    *plain("createdAt", "endedAt", "reason"),
]


@app.command
def requeue(
    queue: Queue,
    *,
    reason: str,
    id: Annotated[list[str] | None, Parameter(negative="")] = None,
    kind: str | None = None,
    partner: str | None = None,
    due_from: str | None = None,
    due_to: str | None = None,
    error: str | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    how: How = HOW,
) -> None:
    """Try again what was given up.

    Parameters
    ----------
    queue
        Of which queue.
    reason
        Why; kept in the event log.
    id
        This one; may be said several times.
    kind
        All of this kind.
    partner
        All of this partner.
    due_from
        All that were due from this moment on.
    due_to
        All that were due before this moment.
    error
        All whose last error has this piece of text.
    dry_run
        Only count.
    """
    document = """mutation($input: OpsRequeueInput!) { opsRequeue(input: $input) {
      matchedCount requeuedCount decidedCount leftCount skipped { id code message }
      errors { code message } } }"""
    wanted = {"kind": kind, "partnerId": partner, "due": span_of(due_from, due_to), "error": error}
    given = {
        "queue": queue.upper(),
        "ids": id,
        "filter": said(wanted) or None,
        "reason": reason,
        "dryRun": dry_run,
    }
    with asking(how) as client:
        found = client.call(document, input=said(given))
        del found["errors"]
        if how.json:
            return tell(how, found, [])
        verb = "would be set going again" if dry_run else "are set going again"
        say(
            f"{found['matchedCount']} were given up; {found['requeuedCount']} {verb},"
            f" {found['decidedCount']} are decided and {'would be ' if dry_run else ''}closed"
            f" without effect, {found['leftCount']} left for the next call"
        )
        if found["skipped"]:
            tell(how, found["skipped"], plain("id", "code", "message"))
    return None


@app.command
def pause(
    *, reason: str, kind: str | None = None, partner: str | None = None, how: How = HOW
) -> None:
    """Hold a kind of timed work, or all timers of a partner; nothing of it is lost.

    Parameters
    ----------
    reason
        Why; kept in the event log.
    kind
        The kind, as `ops kinds --all` has it.
    partner
        The partner: `ptn_…`.
    """
    document = f"""mutation($input: OpsPauseInput!) {{ opsPause(input: $input) {{
      opsPause {{ {PAUSE} }} errors {{ code message }} }} }}"""
    given = said({"kind": kind, "partnerId": partner, "reason": reason})
    with asking(how) as client:
        held = client.call(document, input=given)["opsPause"]
        tell(how, held if how.json else [held], _PAUSED)


@app.command
def resume(
    *,
    reason: str,
    id: str | None = None,
    kind: str | None = None,
    partner: str | None = None,
    how: How = HOW,
) -> None:
    """Let go what is held: it comes now, late, the longest due first.

    Parameters
    ----------
    reason
        Why; kept in the event log.
    id
        The pause: `pau_…`.
    kind
        That of this kind instead.
    partner
        That of this partner instead.
    """
    document = f"""mutation($input: OpsResumeInput!) {{ opsResume(input: $input) {{
      opsPause {{ {PAUSE} }} errors {{ code message }} }} }}"""
    with asking(how) as client:
        if id is None:
            id = _pause_of(client, kind, partner)
        ended = client.call(document, input={"id": id, "reason": reason})["opsPause"]
        tell(how, ended if how.json else [ended], _PAUSED)


def _pause_of(client: "Client", kind: str | None, partner: str | None) -> str:
    from partner_center.ops_client import Failed

    if (kind is None) is (partner is None):
        raise Failed("Say which pause: --id, --kind or --partner.")
    wanted = said({"active": True, "kind": kind, "partnerId": partner})
    for held in client.listed("pauses", "id", filter=("OpsPauseFilter", wanted), most=1):
        return str(held["id"])
    raise Failed("No such pause holds.")
