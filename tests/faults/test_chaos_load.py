"""The load of the chaos program plays every workflow, or says why it doesn't."""

import ast
import inspect
import re
from pathlib import Path

from tests.faults.chaos import load
from tests.faults.processes import ROOT

FOLDER = Path(load.__file__).parent

# What no flow plays, and why.
UNPLAYED = {
    "sessionRefresh": "has no key: a refresh token is spent once, and clients sign in anew",
    "sessionSwitchSeat": "has no key, and writes nothing",
    "signOut": "has no key; a session that ends breaks off other visitors' requests",
    "signOutEverywhere": "has no key; the same",
    "stepUpCodeRequest": "has no key; its code is in a mail that nobody here can read",
    "partnerStepUpSet": "from then on a code from a mail would be needed",
    "partnerProfileEdit": "one row is written anew; nothing waits, falls due or adds up",
    "partnerDirectSalesSet": "one row is written anew",
    "agreementSignatureRecord": "one row, which nothing comes of",
    "accountFactsSet": "three amounts of an account that no other amount follows from",
    "inboxMarkRead": "does for some messages what inboxMarkAllRead does",
    "supervisorSet": "needs two seats of the right roles; one row, under constraints",
    "supervisorUnset": "as supervisorSet",
    "privateLinkOpen": "its token is in no answer; it counts one up",
    "orderRepaymentRecord": "a mark on an order; what thaws by it is asked of performance's tests",
    "programmeCertificateIssue": "writes nothing",
    "roleCertificateIssue": "writes nothing",
    "roleCertificationValiditySet": "needs a role that was earned over months",
    "incentivePolicySet": "would change what every visitor earns; the house begins with its own",
    "statementRepaymentRecord": "needs what is below zero and never carried; one row, one transfer",
    "fulfilmentRetry": "the sandbox's cloud doesn't refuse for good; tests/faults kills it alone",
    "upstreamAnswerRecord": "people's answer in a system's place; here the systems answer",
    "upstreamRequestRetry": "nothing may be given up here: that is a finding",
    "opsRequeue": "nothing may be given up here: that is a finding",
    "webhookDeliveryRetry": "as webhookReplay, of one delivery",
}


def test_every_mutation_is_played_or_is_named_here_with_a_reason() -> None:
    played = _played()

    assert _mutations() - played == set(UNPLAYED)


def test_what_is_named_as_unplayed_has_a_reason() -> None:
    assert [name for name, why in UNPLAYED.items() if len(why) < 10] == []


def test_every_flow_is_in_the_load() -> None:
    """A flow is what takes a visitor alone, and isn't private to its file."""
    written = {
        f"{path.stem}.{node.name}"
        for path in FOLDER.glob("*_flows.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
    }

    assert {f"{flow.__module__.rpartition('.')[2]}.{flow.__name__}" for flow in load.FLOWS} == (
        written
    )


def _mutations() -> set[str]:
    sdl = (ROOT / "schema" / "schema.graphql").read_text()
    body = sdl[sdl.index("type Mutation") :]
    return set(re.findall(r"^  ([a-z]\w+)(?=[(:])", body[: body.index("\n}")], re.MULTILINE))


def _played() -> set[str]:
    """Whatever is named as a whole in a file of flows, or of what is around them."""
    places = [*FOLDER.glob("*_flows.py"), Path(inspect.getfile(load)), FOLDER / "client.py"]
    words = {
        node.value
        for place in places
        for node in ast.walk(ast.parse(place.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    signs_in = {"signIn"} if any("signIn(" in word for word in words) else set()
    return words | signs_in
