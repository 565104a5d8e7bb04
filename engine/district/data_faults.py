"""Planted people whose rows are wrong, missing, twice, or not clear enough."""

import datetime as dt
from collections.abc import Iterator

from engine.district.cast import Cast
from engine.district.plan import ExpectedFinding, ExpectedItem, ExpectedOutcome, Fault
from engine.district.stage import AUGUST, JULY, LIVING, NURSING, SEPTEMBER, TRANSPORT
from profiles.codes import ProfileCode


def plant_data_faults(cast: Cast) -> Iterator[Fault]:
    """Add the people of this module and give their faults."""
    for plant in (
        _category_multiple,
        _list_stale,
        _row_twice,
        _rows_contradict,
        _no_such_day,
        _day_ahead,
        _keys_unreadable,
        _orphan,
    ):
        yield plant(cast)


def _category_multiple(cast: Cast) -> Fault:
    number = cast.resident("金小妹", dt.date(1995, 5, 5), is_man=False)
    cast.card(number, 3, "多重")
    return Fault(
        "category_multiple",
        "三级多重残疾",
        "证上只写“多重”，看不出是否含智力或精神：待核，不是不符合。",
        "person",
        number,
        (
            ExpectedOutcome(NURSING, JULY, "2025-07", "unknown", ("disability_category",)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-07", ()),
            ExpectedItem(TRANSPORT, JULY, "2025-07", (4500,)),
        ),
    )


def _list_stale(cast: Cast) -> Fault:
    name = "蔡福根"
    number = cast.resident(name, dt.date(1963, 7, 7), is_man=True)
    cast.card(number, 4)
    cast.listed("dibao_list", number, name)
    return Fault(
        "list_stale",
        "低保名单漏报一个月",
        "8月底的低保名单没有送到：9月待核，按宽限期照发，不停发。",
        "person",
        number,
        (
            ExpectedItem(LIVING, JULY, "2025-07", (41000,)),
            ExpectedItem(LIVING, AUGUST, "2025-07", (41000, 4000)),
            ExpectedItem(LIVING, AUGUST, "2025-08", (45000,)),
            ExpectedFinding(ProfileCode.STALE, "dibao_list", on=SEPTEMBER),
            ExpectedOutcome(LIVING, SEPTEMBER, "2025-09", "unknown", ("dibao",)),
            ExpectedItem(LIVING, SEPTEMBER, "2025-09", (45000,)),
        ),
    )


def _row_twice(cast: Cast) -> Fault:
    number = cast.resident("陶阿宝", dt.date(1983, 2, 11), is_man=True)
    cast.card(number, 3, "听力")
    cast.card(number, 3, "听力")
    return Fault(
        "row_twice",
        "同一行报送两次",
        "残疾人证文件里同一行出现两次：只算一次，只发一份。",
        "person",
        number,
        (
            ExpectedFinding(ProfileCode.REPEATED, "disability_cards"),
            ExpectedItem(TRANSPORT, JULY, "2025-07", (4500,)),
        ),
    )


def _rows_contradict(cast: Cast) -> Fault:
    number = cast.resident("毛秀兰", dt.date(1964, 11, 27), is_man=False)
    for level in (2, 4):
        cast.card(number, level, "言语")
    return Fault(
        "rows_contradict",
        "两行互相矛盾",
        "同一天起的两张证，一张二级、一张四级：两行都进入疑点数据，本人待核。",
        "person",
        number,
        (
            ExpectedFinding(ProfileCode.DUPLICATE, "disability_cards", count=2),
            ExpectedOutcome(NURSING, JULY, "2025-07", "unknown"),
            ExpectedItem(NURSING, SEPTEMBER, "2025-07", ()),
        ),
    )


def _no_such_day(cast: Cast) -> Fault:
    number = cast.resident("盛玉珍", dt.date(1971, 8, 18), is_man=False)
    cast.card(number, 2, through="2030-02-30", last=0)
    cast.card(number, 2, through=dt.date(2030, 2, 28), first=1)
    return Fault(
        "no_such_day",
        "有效期止写成2月30日",
        "这一行进入疑点数据，本人待核；8月更正后补发。",
        "person",
        number,
        (
            ExpectedFinding(ProfileCode.VALUE_UNREADABLE, "disability_cards"),
            ExpectedOutcome(NURSING, JULY, "2025-07", "unknown"),
            ExpectedItem(NURSING, JULY, "2025-07", ()),
            ExpectedItem(NURSING, AUGUST, "2025-06", (15000,)),
            ExpectedItem(NURSING, AUGUST, "2025-07", (18000,)),
        ),
    )


def _day_ahead(cast: Cast) -> Fault:
    number = cast.resident("殷巧云", dt.date(1987, 12, 12), is_man=False)
    cast.card(number, 4, "视力")
    cast.once("cremations", 0, 火化编号="HH25-900001", 操作="新增", 公民身份号码=number, 死亡日期=dt.date(2026, 3, 2))
    return Fault(
        "day_ahead",
        "死亡日期在未来",
        "火化登记的死亡日期是明年：进入疑点数据，本人待核，不按死亡处理。",
        "person",
        number,
        (
            ExpectedFinding(ProfileCode.DAY_AHEAD, "cremations"),
            ExpectedOutcome(TRANSPORT, JULY, "2025-07", "unknown", ("deceased",)),
        ),
    )


def _keys_unreadable(cast: Cast) -> Fault:
    for key in (None, "号码不详"):
        cast.once(
            "household_members",
            0,
            公民身份号码=key,
            户号="11980000001",
            与户主关系="家庭成员",
            入户日期=dt.date(2001, 1, 1),
            离户日期=None,
        )
    return Fault(
        "keys_unreadable",
        "身份证号缺失或不成样子",
        "两行不知道是谁：进入疑点数据并计数，其余照常。",
        "person",
        None,
        (
            ExpectedFinding(ProfileCode.KEY_MISSING, "household_members"),
            ExpectedFinding(ProfileCode.KEY_MALFORMED, "household_members"),
        ),
    )


def _orphan(cast: Cast) -> Fault:
    name = "苏念"
    number = cast.resident(name, dt.date(2014, 4, 23), is_man=False)
    cast.card(number, 2, "精神")
    cast.listed("dibao_list", number, name, since=dt.date(2022, 4, 1))
    cast.add(
        "children_support", 公民身份号码=number, 保障类别="孤儿", 保障起始日期=dt.date(2021, 9, 1), 保障终止日期=None
    )
    return Fault(
        "orphan",
        "孤儿可领护理补贴、不领生活补贴",
        "已享受孤儿基本生活保障：生活补贴不发，护理补贴照发。",
        "person",
        number,
        (
            ExpectedOutcome(LIVING, JULY, "2025-07", "not_met"),
            ExpectedItem(NURSING, JULY, "2025-07", (15000,)),
        ),
    )
