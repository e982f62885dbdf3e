"""What the demo's store sells: merchants, and goods with their kinds and categories."""

from typing import NamedTuple

from models.catalogue import GoodsCategory as Category
from models.catalogue import GoodsKind as Kind
from models.partners import PartnerKind
from partner_center.demo.names import Company

MERCHANT = PartnerKind.MERCHANT

MERCHANTS = (
    Company("moyun", "墨韵软件股份有限公司", "Moyun Software", MERCHANT, 1, "南京", 2010, 0),
    Company("anshield", "安盾网络安全有限公司", "Anshield Security", MERCHANT, 1, "北京", 2012, 0),
    Company("shudao", "数道智能科技有限公司", "Shudao AI", MERCHANT, 2, "成都", 2017, 0),
    Company("baiqi", "百企云服务有限公司", "Baiqi Cloud Services", MERCHANT, 2, "上海", 2015, 0),
    Company("ruijie.iot", "瑞界物联有限公司", "Ruijie IoT", MERCHANT, 3, "杭州", 2019, 0),
    Company("nordlicht", "北光数据有限公司", "Nordlicht Data", MERCHANT, 3, "苏州", 2021, 0),
)


class Article(NamedTuple):
    """Goods; `seller` is a merchant's account, None for the platform."""

    name: str
    kind: Kind
    category: Category
    seller: str | None = None


def _articles(kind: Kind, seller: str | None, text: str) -> tuple[Article, ...]:
    lines = (line.strip().rsplit(" ", 1) for line in text.strip().splitlines())
    return tuple(
        Article(name.strip(), kind, Category(category), seller) for name, category in lines
    )


ARTICLES = (
    *_articles(
        Kind.SELF_OPERATED,
        None,
        """
        云归档存储 SAAS
        云盘备份服务 SAAS
        容器镜像安全扫描 SAAS
        数据库迁移专家服务 PRO_SERVICE
        上云咨询服务 PRO_SERVICE
        企业办公协同平台 SAAS
        视频会议专业版 SAAS
        语音识别接口 API
        图像搜索接口 API
        边缘计算网关 HARDWARE
        灾备编排模板 ORCHESTRATION
        开发者桌面镜像 IMAGE
        Cloud Backup Pro SAAS
        Managed Kubernetes Support PRO_SERVICE
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "moyun",
        """
        墨韵财务云 SAAS
        墨韵进销存 SAAS
        墨韵电子签章 SAAS
        墨韵协同审批 License 版 LICENSE
        Moyun ERP Suite LICENSE
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "anshield",
        """
        安盾主机防护 LICENSE
        安盾漏洞扫描 SAAS
        安盾日志审计镜像 IMAGE
        安盾等保咨询 PRO_SERVICE
        Anshield Web Firewall IMAGE
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "shudao",
        """
        数道客服机器人 SAAS
        数道文字识别接口 API
        数道推荐引擎 API
        数道模型训练模板 ORCHESTRATION
        Shudao Speech API API
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "baiqi",
        """
        百企客户关系管理 SAAS
        百企营销自动化 SAAS
        百企人力资源云 SAAS
        百企实施服务 PRO_SERVICE
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "ruijie.iot",
        """
        瑞界设备接入网关 HARDWARE
        瑞界能耗管理平台 SAAS
        瑞界工业数采终端 HARDWARE
        """,
    ),
    *_articles(
        Kind.JOINT_OPERATED,
        "nordlicht",
        """
        北光湖仓一体平台 SAAS
        北光隐私计算镜像 IMAGE
        Nordlicht Stream Processing SAAS
        """,
    ),
    *_articles(
        Kind.COMMON,
        "baiqi",
        """
        百企官网建站 SAAS
        百企培训课程 PRO_SERVICE
        百企短信接口 API
        """,
    ),
    *_articles(
        Kind.COMMON,
        "ruijie.iot",
        """
        瑞界智慧园区大屏 LICENSE
        瑞界安装服务 PRO_SERVICE
        Ruijie Sensor Kit HARDWARE
        """,
    ),
    *_articles(
        Kind.COMMON,
        "nordlicht",
        """
        北光数据清洗工具 LICENSE
        北光报表设计器 SAAS
        北光数据库运维镜像 IMAGE
        Nordlicht Data Catalog SAAS
        北光数据治理咨询 PRO_SERVICE
        Nordlicht ETL Template ORCHESTRATION
        """,
    ),
    *_articles(
        Kind.STRICT_SELECTED,
        "moyun",
        """
        严选·墨韵档案管理 SAAS
        严选·墨韵合同管理 SAAS
        严选·墨韵费控 LICENSE
        """,
    ),
    *_articles(
        Kind.STRICT_SELECTED,
        "anshield",
        """
        严选·安盾堡垒机 IMAGE
        严选·安盾数据库审计 LICENSE
        严选·安盾态势感知 SAAS
        """,
    ),
    *_articles(
        Kind.STRICT_SELF,
        None,
        """
        严选自营·直播点播套餐 SAAS
        严选自营·人脸核身接口 API
        严选自营·云手机 SAAS
        """,
    ),
)
