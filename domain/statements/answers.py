"""What another system's answer does to a statement when it isn't the one that was hoped for."""

from domain.identity.viewer import SYSTEM
from domain.statements import history, steps
from domain.upstream.effects import Answer
from models.statements import Statement
from models.statements import StatementStatus as Status


async def failed(statement: Statement, wanted: Status, happened: str, answer: Answer) -> None:
    """Take a held statement to the status in which people see the failure that was answered."""
    statement.failure = answer.code
    await steps.move(
        statement,
        wanted,
        happened,
        viewer=SYSTEM,
        after={"failure": answer.code},
        now=answer.now,
    )


async def noted(happened: str, statement: Statement, answer: Answer, *, reference: str) -> None:
    """Write down an answer that changes nothing; `reference` is what its number is called."""
    told = {reference: answer.reference, "failure": answer.code}
    await history.of(
        happened,
        statement,
        viewer=SYSTEM,
        after={name: value for name, value in told.items() if value},
        is_internal=True,
        now=answer.now,
    )
