"""Planted people whose facts come late, are taken back, or are corrected."""

import datetime as dt
from collections.abc import Iterator

from engine.district.cast import Cast
from engine.district.numbers import citizen_number
from engine.district.plan import ExpectedCase, ExpectedItem, ExpectedOutcome, ExpectedSame, Fault
from engine.district.stage import (
    AUGUST,
    EVENTS_FIRST,
    EVENTS_LATE_AUGUST,
    EVENTS_LATE_SEPTEMBER,
    JULY,
    NURSING,
    OLD_AGE,
    REGISTERS_AUGUST,
    REGISTERS_SEPTEMBER,
    SEPTEMBER,
    TRANSPORT,
)


def plant_late_faults(cast: Cast) -> Iterator[Fault]:
    """Add the people of whom something is learned late and give their faults."""
    for plant in (
        _death_reported_late,
        _death_withdrawn,
        _death_after_advance,
        _card_renewed_late,
        _number_corrected,
    ):
        yield plant(cast)


def _death_reported_late(cast: Cast) -> Fault:
    number = cast.resident("周根娣", dt.date(1968, 4, 2), is_man=False)
    cast.card(number, 2)
    cast.death(number, dt.date(2025, 5, 10), edition=EVENTS_LATE_AUGUST, document="SW25-900001")
    return Fault(
        "late_death",
        "死亡三个月后才报送",
        "5月10日去世，8月25日才收到死亡证明；6月、7月已发，须由人决定追回。",
        "person",
        number,
        (
            ExpectedItem(NURSING, JULY, "2025-05", (15000,)),
            ExpectedItem(NURSING, JULY, "2025-07", (15000,)),
            ExpectedCase(NURSING, AUGUST, "2025-06", 15000),
            ExpectedCase(NURSING, AUGUST, "2025-07", 15000),
            ExpectedCase(TRANSPORT, AUGUST, "2025-06", 4500),
            ExpectedCase(TRANSPORT, AUGUST, "2025-07", 4500),
            ExpectedItem(NURSING, AUGUST, "2025-08", ()),
        ),
    )


def _death_withdrawn(cast: Cast) -> Fault:
    number = cast.resident("吴永昌", dt.date(1972, 9, 14), is_man=True)
    cast.card(number, 2)
    for edition, operation in ((EVENTS_FIRST, "新增"), (EVENTS_LATE_SEPTEMBER, "撤销")):
        cast.death(number, dt.date(2025, 6, 8), edition=edition, document="SW25-900002", operation=operation)
    return Fault(
        "death_withdrawn",
        "误报死亡后撤销",
        "6月8日的死亡证明属误报，9月20日撤销；停发的月份自动补发。",
        "person",
        number,
        (
            ExpectedItem(NURSING, JULY, "2025-06", (15000,)),
            ExpectedItem(NURSING, JULY, "2025-07", ()),
            ExpectedItem(NURSING, SEPTEMBER, "2025-07", (18000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-08", (18000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-09", (18000,)),
        ),
    )


def _death_after_advance(cast: Cast) -> Fault:
    number = cast.resident("陆阿毛", dt.date(1944, 2, 20), is_man=True)
    cast.death(number, dt.date(2025, 8, 10), edition=EVENTS_LATE_SEPTEMBER, document="SW25-900003")
    return Fault(
        "death_after_advance",
        "按季预发后去世",
        "三季度已预发，8月10日去世；8月照发，9月形成追回案件。",
        "person",
        number,
        (
            ExpectedItem(OLD_AGE, SEPTEMBER, "2025-08", (18000,)),
            ExpectedCase(OLD_AGE, SEPTEMBER, "2025-09", 18000),
        ),
    )


def _card_renewed_late(cast: Cast) -> Fault:
    number = cast.resident("沈志刚", dt.date(1985, 11, 3), is_man=True)
    cast.card(number, 3, "智力", since=dt.date(2015, 6, 1), through=dt.date(2025, 5, 31))
    cast.card(
        number,
        1,
        "智力",
        since=dt.date(2025, 8, 12),
        through=dt.date(2035, 8, 11),
        kind="换领",
        first=REGISTERS_SEPTEMBER,
    )
    return Fault(
        "card_renewed_late",
        "残疾人证过期后换领",
        "5月31日到期，8月12日换领并升为一级；6月、7月按新等级补发。",
        "person",
        number,
        (
            ExpectedItem(NURSING, JULY, "2025-05", (15000,)),
            ExpectedOutcome(NURSING, JULY, "2025-06", "not_met"),
            ExpectedItem(NURSING, JULY, "2025-07", ()),
            ExpectedItem(NURSING, SEPTEMBER, "2025-05", (15000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-06", (30000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-07", (35000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-08", (35000,)),
        ),
    )


def _number_corrected(cast: Cast) -> Fault:
    name, born = "朱美英", dt.date(1979, 1, 16)
    former = cast.resident(name, dt.date(1979, 1, 6), is_man=False, last=REGISTERS_AUGUST)
    cast.card(former, 2, "听力", last=REGISTERS_AUGUST)
    number = _citizen(cast, born)
    cast.register(number, name, born, is_man=False, first=REGISTERS_SEPTEMBER)
    cast.card(number, 2, "听力", first=REGISTERS_SEPTEMBER)
    cast.once(
        "citizen_id_corrections",
        EVENTS_LATE_AUGUST,
        更正单号="GZ25-000001",
        操作="新增",
        现公民身份号码=number,
        原公民身份号码=former,
        更正日期=dt.date(2025, 8, 18),
    )
    return Fault(
        "number_corrected",
        "公民身份号码更正",
        "8月更正号码，9月起各部门改用新号码；仍是同一个人、同一本账。",
        "person",
        number,
        (
            ExpectedSame(former),
            ExpectedItem(NURSING, SEPTEMBER, "2025-05", (15000,)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-07", (15000, 3000)),
            ExpectedItem(NURSING, SEPTEMBER, "2025-09", (18000,)),
        ),
    )


def _citizen(cast: Cast, born: dt.date) -> str:
    return citizen_number(born, cast.next_sequence(is_man=False))
