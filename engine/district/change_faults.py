"""Planted people for whom something changes within the trial, on a day that decides about a month."""

import datetime as dt
from collections.abc import Iterator

from engine.district.cast import Cast
from engine.district.plan import ExpectedItem, ExpectedOutcome, Fault
from engine.district.stage import (
    AUGUST,
    JULY,
    NURSING,
    OLD_AGE,
    REGISTERS_AUGUST,
    REGISTERS_SEPTEMBER,
    SEPTEMBER,
    TRANSPORT,
)


def plant_change_faults(cast: Cast) -> Iterator[Fault]:
    """Add the people for whom something changes and give their faults."""
    for plant in (
        _raise_published_late,
        _judgment_learned_late,
        _moved_out,
        _turned_65,
        _entered_tekun,
    ):
        yield plant(cast)


def _raise_published_late(cast: Cast) -> Fault:
    number = cast.resident("徐建国", dt.date(1974, 12, 25), is_man=True)
    cast.card(number, 1, "视力")
    return Fault(
        "raise_published_late",
        "8月发文、7月起提标",
        "7月已按300元发放，8月补差50元，此后按350元。",
        "person",
        number,
        (
            ExpectedItem(NURSING, JULY, "2025-07", (30000,)),
            ExpectedItem(NURSING, AUGUST, "2025-06", (30000,)),
            ExpectedItem(NURSING, AUGUST, "2025-07", (30000, 5000)),
            ExpectedItem(NURSING, AUGUST, "2025-08", (35000,)),
        ),
    )


def _judgment_learned_late(cast: Cast) -> Fault:
    number = cast.resident("钱卫东", dt.date(1988, 3, 9), is_man=True)
    cast.card(number, 4)
    cast.add(
        "custody_records",
        first=REGISTERS_AUGUST,
        公民身份号码=number,
        执行类别="监狱服刑",
        判决生效日期=dt.date(2025, 7, 10),
        释放日期=None,
    )
    return Fault(
        "judgment",
        "判决生效次月停发",
        "7月10日判决生效并入狱；7月照发，8月起停发。",
        "person",
        number,
        (
            ExpectedItem(TRANSPORT, AUGUST, "2025-07", (4500,)),
            ExpectedItem(TRANSPORT, AUGUST, "2025-08", ()),
            ExpectedOutcome(TRANSPORT, AUGUST, "2025-08", "not_met"),
        ),
    )


def _moved_out(cast: Cast) -> Fault:
    name, born = "顾晓燕", dt.date(1991, 6, 30)
    number = cast.resident(name, born, is_man=False, moves=True)
    cast.card(number, 3)
    here, there = "310118106", "320583"
    cast.registered(number, name, born, is_man=False, region=here, since=born, last=0)
    cast.registered(number, name, born, is_man=False, region=here, since=born, until=dt.date(2025, 7, 15), first=1)
    cast.registered(number, name, born, is_man=False, region=there, since=dt.date(2025, 7, 16), first=1)
    return Fault(
        "moved_out",
        "户籍迁出次月停发",
        "7月15日户籍迁往昆山；7月照发，8月起停发。",
        "person",
        number,
        (ExpectedItem(TRANSPORT, AUGUST, "2025-07", (4500,)), ExpectedItem(TRANSPORT, AUGUST, "2025-08", ())),
    )


def _turned_65(cast: Cast) -> Fault:
    number = cast.resident("马德明", dt.date(1960, 8, 20), is_man=True)
    cast.card(number, 4)
    return Fault(
        "turned_65",
        "满65周岁转领老年综合津贴",
        "8月满65周岁：交通补贴发到7月，老年综合津贴从8月起。",
        "person",
        number,
        (
            ExpectedItem(TRANSPORT, AUGUST, "2025-07", (4500,)),
            ExpectedItem(TRANSPORT, AUGUST, "2025-08", ()),
            ExpectedItem(OLD_AGE, AUGUST, "2025-07", ()),
            ExpectedItem(OLD_AGE, AUGUST, "2025-08", (7500,)),
        ),
    )


def _entered_tekun(cast: Cast) -> Fault:
    number = cast.resident("诸葛泉", dt.date(1966, 10, 1), is_man=True)
    cast.card(number, 1)
    cast.add(
        "tekun_support",
        first=REGISTERS_SEPTEMBER,
        公民身份号码=number,
        供养方式="分散供养",
        供养起始日期=dt.date(2025, 8, 1),
        供养终止日期=None,
    )
    return Fault(
        "entered_tekun",
        "纳入特困供养次月停发",
        "8月1日纳入特困供养；8月照发，9月起停发。",
        "person",
        number,
        (
            ExpectedItem(NURSING, SEPTEMBER, "2025-08", (35000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-09", ()),
        ),
    )
