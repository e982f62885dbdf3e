"""Constraints have the last word: a race that a check could not see ends in the same Problem."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tortoise.exceptions import IntegrityError

from kit.problems import Problem


@contextmanager
def answering(**problems: Callable[[], Problem]) -> Iterator[None]:
    """Turn the violation of a named constraint into the Problem that it stands for.

    `with answering(member_one_link=lambda: …):` around the statement. The transaction is lost
    either way, so the Problem must be the end of the workflow.
    """
    try:
        yield
    except IntegrityError as error:
        problem = problems.get(_constraint_of(error))
        if problem is None:
            raise
        raise problem() from error


def _constraint_of(error: IntegrityError) -> str:
    return getattr(error.args[0] if error.args else None, "constraint_name", None) or ""
