"""Queries of associations, past and present, and of whether one would be possible."""

from typing import Annotated

import strawberry

from domain.associations import landing
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from kit import ids
from kit.reads import Connection, root_connection, root_one
from models.customers import AssociationType
from schema.associations import Association, AssociationFilter, AssociationOrder
from schema.context import Context
from schema.customer_invitations import CustomerAssociationPreview, FailedAssociationCheck


@strawberry.type
class AssociationQuery:
    association: Association | None = root_one(
        "An association by its id; null when you may not see it.", prefix="asc"
    )
    associations: Connection[Association] = root_connection(
        "Associations of the partners that you may see, past ones too; an account manager's are"
        f" those of the customers that he has now. {describe('associations')}",
        filter=AssociationFilter,
        order=AssociationOrder,
        guard=may_list("associations"),
    )

    @strawberry.field(
        description="Whether a customer could be associated with your partner, and all that stands"
        " in the way: of a customer that you see, of the account of your live report, or, for a"
        " customer's user, by an invitation. Null for what you may not see, and for a lead without"
        f" an account. {describe('customerAssociationCheck')}"
    )
    async def customer_association_check(
        self,
        info: strawberry.Info[Context, None],
        type: Annotated[AssociationType, strawberry.argument(description="In which way.")],
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this customer.")
        ] = None,
        report_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this report's account.")
        ] = None,
        token: Annotated[
            str | None,
            strawberry.argument(description="Of your own company, by this invitation's token."),
        ] = None,
    ) -> CustomerAssociationPreview | None:
        failed = await landing.preview(
            viewer=info.context.viewer,
            customer_id=ids.optional("cus", customer_id, path=("customerId",)),
            report_id=ids.optional("rep", report_id, path=("reportId",)),
            token=token,
            type=type,
            now=info.context.now,
        )
        if failed is None:
            return None
        return CustomerAssociationPreview(
            passes=not failed,
            failed_checks=[
                FailedAssociationCheck.of(check, info.context.locale) for check in failed
            ],
        )
