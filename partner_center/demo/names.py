"""Who lives in the demo: companies, and the parts that people's names and projects are made of."""

from typing import NamedTuple

from models.partners import PartnerKind, Site

SP, DISTRIBUTOR, RESELLER = (
    PartnerKind.SOLUTION_PROVIDER,
    PartnerKind.DISTRIBUTOR,
    PartnerKind.RESELLER,
)


class Company(NamedTuple):
    """A partner; `under` is the account of a reseller's distributor, `members` how many it has."""

    account: str
    name: str
    name_en: str
    kind: PartnerKind
    tier: int
    city: str
    founded: int
    members: int
    under: str | None = None
    site: Site = Site.CHINA


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


COMPANIES = (
    Company("qingyun", "青云数智科技有限公司", "Qingyun Digital", SP, 1, "深圳", 2009, 64),
    Company("huading", "华鼎信息技术股份有限公司", "Huading Information", SP, 1, "北京", 2003, 48),
    Company("lanhai", "蓝海云创科技有限公司", "Blue Sea Cloud", SP, 2, "杭州", 2014, 36),
    Company("tianyuan", "天元智联系统集成有限公司", "Tianyuan Systems", SP, 2, "成都", 2011, 30),
    Company("xinghe", "星河数据服务有限公司", "Galaxy Data", SP, 3, "武汉", 2018, 18),
    Company("yunfan", "云帆软件有限公司", "Yunfan Software", SP, 3, "西安", 2020, 12),
    Company(
        "straits",
        "Straits Cloud",
        "Straits Cloud",
        SP,
        1,
        "Singapore",
        2012,
        30,
        None,
        Site.INTERNATIONAL,
    ),
    Company(
        "andina",
        "Andina Digital",
        "Andina Digital",
        SP,
        2,
        "Santiago",
        2016,
        18,
        None,
        Site.INTERNATIONAL,
    ),
    Company("zhongxin", "中信达科技集团有限公司", "Zhongxinda", DISTRIBUTOR, 1, "上海", 1998, 42),
    Company("weishi", "伟仕云通股份有限公司", "Weishi Cloudlink", DISTRIBUTOR, 1, "重庆", 2001, 36),
    Company("shenma", "神码数字(中国)有限公司", "Shenma Digital", DISTRIBUTOR, 1, "广州", 2000, 36),
    Company(
        "dongyue", "东岳网络科技有限公司", "Dongyue", RESELLER, 2, "济南", 2010, 20, "zhongxin"
    ),
    Company(
        "jinling", "金陵软通有限公司", "Jinling Soft", RESELLER, 2, "南京", 2013, 18, "zhongxin"
    ),
    Company(
        "haixi", "海西云科技有限公司", "Haixi Cloud", RESELLER, 3, "厦门", 2017, 12, "zhongxin"
    ),
    Company("bashu", "巴蜀信创科技有限公司", "Bashu", RESELLER, 2, "成都", 2012, 18, "weishi"),
    Company(
        "qianlong", "黔龙大数据有限公司", "Qianlong Data", RESELLER, 3, "贵阳", 2019, 12, "weishi"
    ),
    Company("dianchi", "滇池智慧有限公司", "Dianchi", RESELLER, 3, "昆明", 2021, 10, "weishi"),
    Company(
        "lingnan", "岭南云商有限公司", "Lingnan Cloud", RESELLER, 2, "东莞", 2011, 18, "shenma"
    ),
    Company(
        "guihai", "桂海互联有限公司", "Guihai Connect", RESELLER, 3, "南宁", 2018, 12, "shenma"
    ),
    Company("nandu", "南渡信息有限公司", "Nandu", RESELLER, 3, "海口", 2022, 10, "shenma"),
)

# Each name as it is written and as an address spells it.
SURNAMES = _pairs(
    "王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 赵 zhao 黄 huang 周 zhou 吴 wu 徐 xu 孙 sun"
    " 胡 hu 朱 zhu 高 gao 林 lin 何 he 郭 guo 马 ma 罗 luo 梁 liang 宋 song 郑 zheng 谢 xie"
    " 欧阳 ouyang 诸葛 zhuge"
)
GIVEN = _pairs(
    "伟 wei 芳 fang 敏 min 静 jing 磊 lei 强 qiang 婷 ting 浩然 haoran 子轩 zixuan 雨桐 yutong"
    " 梓涵 zihan 思远 siyuan 佳怡 jiayi 俊杰 junjie 欣怡 xinyi 建国 jianguo 晓明 xiaoming"
    " 海燕 haiyan 志强 zhiqiang 丽华 lihua 文博 wenbo 嘉豪 jiahao 诗涵 shihan 明轩 mingxuan"
)
WESTERN_SURNAMES = _pairs(
    "Almeida almeida Bauer bauer Castillo castillo Darmawan darmawan Fernández fernandez Goh goh"
    " Haddad haddad Iyer iyer Johansson johansson Kaur kaur Lim lim Morales morales Nguyen nguyen"
    " O'Brien obrien Pereira pereira Rahman rahman Silva silva Tan tan Vargas vargas Wong wong"
)
WESTERN_GIVEN = _pairs(
    "Aisha aisha Benjamin benjamin Camila camila Daniel daniel Elena elena Farid farid Grace grace"
    " Hiroshi hiroshi Isabel isabel Jonas jonas Kavya kavya Lucas lucas Meiling meiling Nadia nadia"
    " Oscar oscar Priya priya Rafael rafael Siti siti Tomás tomas Valentina valentina"
)

PROJECTS = (
    "政务云迁移项目",
    "智慧园区一期",
    "核心交易系统上云",
    "集团数据湖建设",
    "容器平台改造",
    "灾备中心建设",
    "视频云存储扩容",
    "制造执行系统云化",
    "Data centre move",
    "Retail analytics platform",
    "Core banking migration",
    "Campus network to cloud",
)
MESSAGES = (
    "欢迎加入我们的交付团队!",
    "请尽快确认,项目下周启动。",
    "We look forward to working with you.",
    None,
    None,
    None,
)
REJECTIONS = ("已加入其他项目组。", "I don't work there.", None)
REVOCATIONS = ("邮箱填写错误,重新邀请。", "Position was filled.", None)
UNLINK_REASONS = ("已离职。", "Contract ended.", "转岗至其他公司。")
CANCEL_REASONS = ("项目已交付完成,不再担任项目专员。", "Left the delivery team.")
