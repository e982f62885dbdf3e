"""What files of applications prove, as the API names and explains it."""

from models.programmes import ProgrammeEvidenceKind
from schema.enums import described

described(
    ProgrammeEvidenceKind,
    "What a file of an application proves.",
    GOODS_INFORMATION="商品信息: which goods the partner sells.",
    MAKER_AUTHORIZATION="原厂授权: that their maker lets it.",
    SALES_RECORD="销售记录: that it has sold some.",
    CUSTOMER_CONTRACT="客户合同: a contract with a customer.",
    SHAREHOLDER_PROOF="出资人构成证明: whose company it is; for companies younger than a year.",
)

__all__ = ["ProgrammeEvidenceKind"]
