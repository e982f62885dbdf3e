"""What begins when statements were generated: their first steps."""

from domain.identity.viewer import SYSTEM
from domain.settlement.effects import Done, Generated
from domain.statements import deadlines, history, steps
from kit.ids import new_id
from kit.workdays import SHANGHAI
from models.settlement_runs import SettlementRun
from models.statement_steps import StatementStep
from models.statements import Statement
from models.statements import StatementStepKind as StepKind


async def opened(fact: Generated) -> Done:
    """Write down that they were generated, in time or late, and let their review begin (S-01).

    Answers settlement's GENERATED.
    """
    run = await SettlementRun.get(id=fact.run_id)
    generate = steps.due(StepKind.GENERATE, since=run.billing_day)
    review = steps.due(StepKind.REVIEW, since=fact.now.astimezone(SHANGHAI).date())
    for statement in await Statement.filter(id__in=fact.statement_ids).order_by("id"):
        for kind, due in ((StepKind.GENERATE, generate), (StepKind.REVIEW, review)):
            is_done = kind is StepKind.GENERATE
            await StatementStep(
                id=new_id(),
                created_at=fact.now,
                statement_id=statement.id,
                kind=kind,
                started_at=run.created_at if is_done else fact.now,
                due_on=due.on,
                due_at=due.at,
                provisional=due.provisional,
                done_at=fact.now if is_done else None,
                breached_at=due.at if due.at <= fact.now else None,
            ).insert()
        statement.step, statement.step_due_at = StepKind.REVIEW, review.at
        await statement.save(update_fields=["step", "step_due_at"])
        await deadlines.watch(statement, now=fact.now)
        await history.of(
            "generated",
            statement,
            viewer=SYSTEM,
            after={
                "status": statement.status.value,
                "period": statement.period,
                "total_amount": str(statement.total_amount),
            },
            now=fact.now,
        )
    return {}
