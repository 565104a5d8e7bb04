"""Planted people to whom nothing happens: thanks to them the smallest district has no empty register."""

import datetime as dt

from engine.district.cast import Cast


def add_ordinary_people(cast: Cast) -> None:
    """Add at least one row to every register."""
    _add_listed(cast)
    _add_excluded(cast)
    _add_mother_and_child(cast)
    _add_deceased(cast)


def _add_listed(cast: Cast) -> None:
    edge = cast.resident("邵文琴", dt.date(1976, 6, 6), is_man=False)
    cast.card(edge, 3)
    cast.listed("dibao_edge_list", edge, "邵文琴")
    jobless = cast.resident("龚大伟", dt.date(1990, 1, 9), is_man=True)
    cast.card(jobless, 1)
    cast.listed("heavy_disabled_jobless_list", jobless, "龚大伟")
    veteran = cast.resident("庄卫国", dt.date(1969, 8, 1), is_man=True)
    cast.add(
        "veteran_disability_cards",
        公民身份号码=veteran,
        证件种类="残疾军人证",
        伤残等级=6,
        有效期起=dt.date(1995, 8, 1),
        有效期止=None,
    )


def _add_excluded(cast: Cast) -> None:
    injured = cast.resident("施国强", dt.date(1978, 2, 2), is_man=True)
    cast.card(injured, 1)
    cast.add(
        "work_injury_nursing",
        公民身份号码=injured,
        护理等级="完全不能自理",
        待遇起始日期=dt.date(2019, 5, 1),
        待遇终止日期=None,
    )
    supported = cast.resident("翁老伯", dt.date(1950, 3, 3), is_man=True)
    cast.card(supported, 2)
    cast.add(
        "tekun_support",
        公民身份号码=supported,
        供养方式="集中供养",
        供养起始日期=dt.date(2018, 1, 1),
        供养终止日期=None,
    )
    prisoner = cast.resident("屠文斌", dt.date(1982, 10, 10), is_man=True)
    cast.card(prisoner, 4)
    cast.add(
        "custody_records", 公民身份号码=prisoner, 执行类别="监狱服刑", 判决生效日期=dt.date(2022, 11, 4), 释放日期=None
    )
    frozen = cast.resident("柳月华", dt.date(1975, 5, 15), is_man=False)
    cast.card(frozen, 4)
    cast.add(
        "disability_card_stops", 公民身份号码=frozen, 证件状态="冻结", 起始日期=dt.date(2024, 12, 1), 解除日期=None
    )


def _add_mother_and_child(cast: Cast) -> None:
    mother = cast.resident("乔雨欣", dt.date(1996, 9, 19), is_man=False)
    born = dt.date(2023, 5, 18)
    child = cast.resident("乔一诺", born, is_man=True)
    cast.add("birth_registrations", 儿童公民身份号码=child, 出生日期=born, 出生年份=born.year, 出生月份=born.month)
    cast.add(
        "guardianship", 儿童公民身份号码=child, 监护人公民身份号码=mother, 监护关系="母亲", 起始日期=born, 终止日期=None
    )


def _add_deceased(cast: Cast) -> None:
    number, died_on = cast.resident("诸秀英", dt.date(1961, 4, 4), is_man=False), dt.date(2025, 5, 20)
    cast.once("death_certificates", 0, 证明编号="SW25-900900", 操作="新增", 公民身份号码=number, 死亡日期=died_on)
    cast.once("cremations", 0, 火化编号="HH25-900900", 操作="新增", 公民身份号码=number, 死亡日期=died_on)
