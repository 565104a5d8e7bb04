"""How values read on a page."""

import datetime as dt
from collections.abc import Mapping

from core.clock import CIVIL_ZONE
from engine.explaining.checkup import PageGroup

GROUP_HINTS: Mapping[PageGroup, str] = {
    PageGroup.ENJOYED: "已认定，按发放日拨付，无需申请",
    PageGroup.AVAILABLE: "条件已符合",
    PageGroup.TO_CONFIRM: "条件已符合，请确认意愿和收款账户",
    PageGroup.ONE_STEP: "只差一个可以努力的条件",
    PageGroup.UNKNOWN: "有数据待部门核实，暂不下结论",
    PageGroup.NOT_APPLICABLE: "目前不符合，原因可以点开查看",
}

CERTAINTY_WORDS: Mapping[str, str] = {
    "S": "有原文出处",
    "K": "待核对原文",
    "K-low": "待核对原文",
    "I": "据原文推定",
}

YES_NO: Mapping[str, str] = {"是": "是", "否": "否"}
"""What a form sends for a fact that holds or not, and how it reads."""

RESULT_WORDS: Mapping[bool | None, str] = {True: "符合", False: "不符合", None: "待核"}


def day_text(day: dt.date | None) -> str:
    """Return a day as people write it."""
    return "—" if day is None else f"{day.year}年{day.month}月{day.day}日"


def instant_text(instant: dt.datetime | None) -> str:
    """Return an instant as people in China write it."""
    return "—" if instant is None else f"{day_text((local := instant.astimezone(CIVIL_ZONE)).date())} {local:%H:%M}"


def as_written(said: str, /, **values: object) -> str:
    """Return a message as it is written, with its values, which stand in it as `%(name)s`."""
    return said % values if values else said
