"""The enterprises behind the trial accounts: between them their pages show every group."""

import datetime as dt

from engine.district.cast import Cast
from engine.district.firm_rows import (
    add_firm,
    add_insured,
    certify_hightech,
    certify_specialised,
    list_untrustworthy,
    recognise_centre,
)
from engine.district.plan import PageGroup, TrialAccount
from engine.district.stage import (
    CENTRE_DISTRICT,
    CENTRE_MUNICIPAL,
    CENTRE_NATIONAL,
    HIGHTECH,
    LEVY,
    QUARTERLY_SEPTEMBER,
    REFUND,
    SPECIALISED,
)

UPGRADED_BODY = "MG000002"  # of the credit code of the enterprise that rises to the national level


def add_trial_firms(cast: Cast) -> tuple[TrialAccount, ...]:
    """Add the enterprises of this module and give their accounts."""
    return _every_group(cast), _upgraded(cast), _untrustworthy(cast)


def _every_group(cast: Cast) -> TrialAccount:
    """Add the enterprise whose page shows every group."""
    name = "上海沐澜（演示）精密机械有限公司"
    number = add_firm(cast, "MG000001", name, industry="3484")
    add_insured(cast, number, base=28, december=22, attrition=1, premium="18000.00")
    certify_hightech(cast, number, filed="未报送")
    recognise_centre(cast, number, "市级", "合格")
    recognise_centre(cast, number, "区级", None)
    groups: dict[str, PageGroup] = {
        CENTRE_MUNICIPAL: "已享",
        LEVY: "可享",
        REFUND: "待确认",
        HIGHTECH: "差一步",
        CENTRE_DISTRICT: "待核",
        CENTRE_NATIONAL: "不适用",
    }
    return TrialAccount("qiye1", number, name, groups)


def _upgraded(cast: Cast) -> TrialAccount:
    name = "上海岚溪（演示）生物医药有限公司"
    number = add_firm(cast, UPGRADED_BODY, name, industry="2761", size="中型")
    add_insured(cast, number, base=31, december=28, attrition=0, premium="22320.00")
    certify_hightech(cast, number, filed="已报送")
    recognise_centre(cast, number, "市级", "优秀")
    recognise_centre(cast, number, "国家级", "合格", since=dt.date(2025, 8, 15), first=QUARTERLY_SEPTEMBER)
    groups: dict[str, PageGroup] = {
        CENTRE_MUNICIPAL: "已享",
        CENTRE_NATIONAL: "已享",
        HIGHTECH: "待确认",
        LEVY: "可享",
    }
    return TrialAccount("qiye2", number, name, groups)


def _untrustworthy(cast: Cast) -> TrialAccount:
    name = "上海砚禾（演示）软件有限公司"
    number = add_firm(cast, "MG000003", name, industry="6513", size="微型")
    add_insured(cast, number, base=12, december=12, attrition=0, premium="8640.00")
    certify_specialised(cast, number, "市级专精特新", "首次认定")
    list_untrustworthy(cast, number, "经营异常", since=dt.date(2025, 2, 14), repaired_on=None)
    groups: dict[str, PageGroup] = {SPECIALISED: "差一步", REFUND: "差一步", LEVY: "可享", CENTRE_DISTRICT: "不适用"}
    return TrialAccount("qiye3", number, name, groups)
