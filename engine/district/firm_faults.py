"""Planted enterprises to whom something particular happens."""

import datetime as dt
from collections.abc import Iterator

from engine.district.cast import Cast
from engine.district.firm_rows import (
    add_firm,
    add_insured,
    certify_specialised,
    list_untrustworthy,
    recognise_centre,
    register_firm,
)
from engine.district.numbers import credit_code
from engine.district.plan import ExpectedFinding, ExpectedItem, ExpectedOutcome, Fault
from engine.district.stage import (
    CENTRE_DISTRICT,
    CENTRE_MUNICIPAL,
    CENTRE_NATIONAL,
    JULY,
    REFUND,
    SEPTEMBER,
    SPECIALISED,
)
from engine.district.trial_firms import UPGRADED_BODY
from profiles.codes import ProfileCode

PILOT_CODE = "91350100M0001TGQXM"  # lawful, given out before the check digit was settled (S-59c)


def plant_firm_faults(cast: Cast) -> Iterator[Fault]:
    """Add the enterprises of this module and give their faults."""
    yield _upgraded()
    for plant in (_check_digit, _departments_disagree, _repaired, _rate_at_limit, _size_unknown):
        yield plant(cast)


def _upgraded() -> Fault:
    return Fault(
        "upgraded",
        "市级技术中心晋升国家级",
        "市级50万元已列支，8月晋升国家级200万元：只补差150万元。",
        "enterprise",
        credit_code(UPGRADED_BODY),
        (
            ExpectedItem(CENTRE_MUNICIPAL, JULY, "once", (50_000_000,)),
            ExpectedItem(CENTRE_NATIONAL, SEPTEMBER, "once", (150_000_000,)),
        ),
    )


def _check_digit(cast: Cast) -> Fault:
    name = "福建筠舟（演示）信息技术有限公司"
    register_firm(cast, PILOT_CODE, name, industry="6550")
    certify_specialised(cast, PILOT_CODE, "市级专精特新", "首次认定")
    return Fault(
        "check_digit",
        "合法但校验位不符的信用代码",
        "试点时期赋码，校验位算不拢：只提醒，照常享受。",
        "enterprise",
        PILOT_CODE,
        (
            ExpectedFinding(ProfileCode.CHECK_DIGIT, "enterprise_register"),
            ExpectedItem(SPECIALISED, JULY, "once", (5_000_000,)),
        ),
    )


def _departments_disagree(cast: Cast) -> Fault:
    number = add_firm(cast, "MG000005", "上海澄岳（演示）新材料有限公司", industry="2651", taxed_in="310116")
    recognise_centre(cast, number, "区级", "优秀")
    return Fault(
        "departments_disagree",
        "两个部门的登记区划不一致",
        "市场监管记在青浦，税务记在金山：以市场监管为准，列为差异。",
        "enterprise",
        number,
        (
            ExpectedFinding(ProfileCode.DISAGREE, "tax_register", attribute="register_region", on=JULY),
            ExpectedItem(CENTRE_DISTRICT, JULY, "once", (10_000_000,)),
        ),
    )


def _repaired(cast: Cast) -> Fault:
    number = add_firm(cast, "MG000006", "上海棠屿（演示）环保设备有限公司", industry="3591")
    recognise_centre(cast, number, "区级", "合格")
    list_untrustworthy(cast, number, "严重违法失信", since=dt.date(2024, 3, 1), repaired_on=dt.date(2025, 6, 11))
    return Fault(
        "credit_repaired",
        "信用修复后恢复资格",
        "6月11日完成修复：从修复之日起不再使用该记录。",
        "enterprise",
        number,
        (ExpectedItem(CENTRE_DISTRICT, JULY, "once", (10_000_000,)),),
    )


def _rate_at_limit(cast: Cast) -> Fault:
    number = add_firm(cast, "MG000007", "上海瀚峦（演示）汽车零部件有限公司", industry="3670", size="中型")
    add_insured(cast, number, base=200, december=189, attrition=0, premium="140000.00")
    return Fault(
        "rate_at_limit",
        "裁员率恰为5.5%",
        "1－189÷200恰等于5.5%：符合，不因小数误差落空。",
        "enterprise",
        number,
        (ExpectedOutcome(REFUND, JULY, "2025", "met"),),
    )


def _size_unknown(cast: Cast) -> Fault:
    number = add_firm(cast, "MG000008", "上海栖川（演示）食品有限公司", industry="1419", size=None)
    add_insured(cast, number, base=20, december=20, attrition=0, premium="14400.00")
    return Fault(
        "size_unknown",
        "企业规模未划型",
        "资格确定，金额在30%与60%之间：先按未定挂起，不拒绝。",
        "enterprise",
        number,
        (ExpectedOutcome(REFUND, JULY, "2025", "met", ("size_class",)),),
    )


def add_ordinary_firms(cast: Cast) -> None:
    """Add at least one row to the registers that no planted enterprise fills."""
    number = add_firm(cast, "MG000009", "上海霁桥（演示）人力资源服务有限公司", industry="7264")
    add_insured(cast, number, base=60, december=58, attrition=0, premium="42480.00", dispatch="是")
    cast.once(
        "major_violations",
        0,
        决定书编号="QP25-900001",
        操作="新增",
        统一社会信用代码=number,
        决定日期=dt.date(2024, 10, 8),
        违法领域="安全生产",
        修复状态="未修复",
    )
    giant = add_firm(cast, "MG000010", "上海翊衡（演示）电子科技有限公司", industry="3971", size="大型")
    add_insured(cast, giant, base=1200, december=1180, attrition=6, premium="850000.00")
    certify_specialised(cast, giant, "国家级小巨人", "首次认定")
