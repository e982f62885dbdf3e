"""The schema of the API, put together from the resolvers of all domains."""

from functools import cache

import strawberry
from graphql import build_schema, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from domain.identity.viewer import Viewer
from kit.graphql import costs
from kit.graphql.schema import Schema
from kit.reads import ReadsExecutor, install, pricing, straight
from resolvers import mutation
from resolvers.accounts import AccountMutation, AccountQuery
from resolvers.agreements import AgreementMutation, AgreementQuery
from resolvers.association_changes import AssociationChangeMutation, AssociationChangeQuery
from resolvers.associations import AssociationQuery
from resolvers.authorizations import AuthorizationMutation, AuthorizationQuery
from resolvers.carts import CartMutation, CartQuery
from resolvers.certification import CertificationMutation, CertificationQuery
from resolvers.consumption import ConsumptionQuery
from resolvers.customer_invitations import CustomerInvitationMutation, CustomerInvitationQuery
from resolvers.customers import CustomerMutation, CustomerQuery
from resolvers.events import EventQuery, EventSubscription
from resolvers.exports import ExportMutation, ExportQuery, ExportSubscription
from resolvers.files import FileQuery
from resolvers.funds import FundsMutation, FundsQuery
from resolvers.goods import GoodsMutation, GoodsQuery
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.improvement import ImprovementMutation, ImprovementQuery
from resolvers.inbox import InboxMutation, InboxQuery, InboxSubscription
from resolvers.incentives import IncentiveMutation, IncentiveQuery
from resolvers.members import MemberMutation, MemberQuery
from resolvers.nodes import NodeQuery
from resolvers.offers import OfferMutation, OfferQuery
from resolvers.operating import OperatingMutation, OperatingQuery
from resolvers.order_payments import OrderPaymentMutation
from resolvers.orders import OrderMutation, OrderQuery
from resolvers.partners import PartnerMutation, PartnerQuery
from resolvers.performance import PerformanceMutation, PerformanceQuery
from resolvers.pricing import PricingQuery
from resolvers.private_offers import PrivateOfferMutation, PrivateOfferQuery
from resolvers.programmes import ProgrammeMutation, ProgrammeQuery
from resolvers.quotas import QuotaMutation, QuotaQuery
from resolvers.refunds import RefundMutation, RefundQuery
from resolvers.reports import ReportMutation, ReportQuery
from resolvers.requirements import RequirementMutation, RequirementQuery
from resolvers.sandbox import SandboxMutation
from resolvers.service_supervision import ServiceSupervisionMutation, ServiceSupervisionQuery
from resolvers.settlement import SettlementMutation, SettlementQuery
from resolvers.skus import SkuMutation
from resolvers.specialists import SpecialistMutation
from resolvers.statement_diffs import StatementDiffQuery
from resolvers.statement_disputes import StatementDisputeMutation, StatementDisputeQuery
from resolvers.statements import StatementMutation, StatementQuery
from resolvers.steps import StepUpMutation
from resolvers.subscriptions import SubscriptionMutation, SubscriptionQuery
from resolvers.supervision import SupervisionMutation
from resolvers.upstream import UpstreamMutation, UpstreamQuery
from resolvers.usage import UsageMutation, UsageQuery
from resolvers.vouchers import VoucherMutation, VoucherQuery
from resolvers.webhooks import WebhookMutation, WebhookQuery
from schema.errors import error_types
from schema.scalars import SCALARS


@strawberry.type(description="What can be read. One statement of SQL answers each field.")
class Query(
    AccountQuery,
    FundsQuery,
    AgreementQuery,
    AssociationChangeQuery,
    AssociationQuery,
    AuthorizationQuery,
    CartQuery,
    CertificationQuery,
    ConsumptionQuery,
    CustomerInvitationQuery,
    CustomerQuery,
    EventQuery,
    ExportQuery,
    FileQuery,
    GoodsQuery,
    IdentityQuery,
    ImprovementQuery,
    InboxQuery,
    IncentiveQuery,
    MemberQuery,
    NodeQuery,
    OfferQuery,
    OperatingQuery,
    OrderQuery,
    PartnerQuery,
    PerformanceQuery,
    PrivateOfferQuery,
    PricingQuery,
    ProgrammeQuery,
    QuotaQuery,
    ReportQuery,
    RefundQuery,
    RequirementQuery,
    ServiceSupervisionQuery,
    SettlementQuery,
    StatementDisputeQuery,
    StatementQuery,
    StatementDiffQuery,
    SubscriptionQuery,
    UpstreamQuery,
    UsageQuery,
    VoucherQuery,
    WebhookQuery,
):
    """All of it."""


@strawberry.type(
    description="What can be done. Each field is one transaction; they run one after the other."
)
class Mutation(
    AccountMutation,
    FundsMutation,
    AgreementMutation,
    AssociationChangeMutation,
    AuthorizationMutation,
    CartMutation,
    CertificationMutation,
    CustomerInvitationMutation,
    CustomerMutation,
    ExportMutation,
    GoodsMutation,
    IdentityMutation,
    ImprovementMutation,
    InboxMutation,
    IncentiveMutation,
    MemberMutation,
    OfferMutation,
    OperatingMutation,
    OrderMutation,
    OrderPaymentMutation,
    PartnerMutation,
    PerformanceMutation,
    PrivateOfferMutation,
    ProgrammeMutation,
    QuotaMutation,
    RefundMutation,
    ReportMutation,
    RequirementMutation,
    SandboxMutation,
    ServiceSupervisionMutation,
    SettlementMutation,
    SkuMutation,
    SpecialistMutation,
    StatementDisputeMutation,
    StatementMutation,
    StepUpMutation,
    SubscriptionMutation,
    SupervisionMutation,
    UpstreamMutation,
    UsageMutation,
    VoucherMutation,
    WebhookMutation,
):
    """All of it."""


@strawberry.type(description="What can be followed, over text/event-stream or a WebSocket.")
class Subscription(EventSubscription, ExportSubscription, InboxSubscription):
    """All of it."""


def declared() -> Schema:
    """The schema as its types declare it, before anything reads for it."""
    return Schema(
        Query,
        Mutation,
        Subscription,
        types=error_types(),
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=ReadsExecutor,
        shortcut=straight,
    )


@cache
def schema() -> Schema:
    """The one schema of the process."""
    made = declared()
    install(made, guard=Viewer.require_sign_in)
    mutation.install(made)
    pricing.install(made)
    return made


def sdl() -> str:
    """The schema as text, sorted, with what its types and fields cost."""
    # Strawberry's own sorting replaces its enums by plain ones, which don't know our values.
    plain = build_schema(schema().as_str())
    return costs.in_text(schema()._schema, print_schema(lexicographic_sort_schema(plain)))
