"""Words that stages put together in Chinese, read back for a page of another language: 还差3人, 不低于90万元, 2025年第3季度.

Each has a message with its places; what a place holds is read in the same way, and days and periods as their language writes
them. What is put together of no such words is somebody's own, and stays as it is.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from babel.dates import format_date

from engine.grievances.words import KIND_WORDS
from engine.overpayments.case_words import RELIEF_WORDS
from pages.language.departments import LEVELS, OFFICES

COMPOSED: Final = (
    "还差%(much)s",
    "超出%(much)s",
    "早了%(much)s",
    "晚了%(much)s",
    "约%(much)s",
    "%(count)s天",
    "%(count)s年",
    "%(count)s个月",
    "%(count)s个百分点",
    "%(count)s元",
    "不低于%(limit)s",
    "高于%(limit)s",
    "不高于%(limit)s",
    "低于%(limit)s",
    "不早于%(limit)s",
    "晚于%(limit)s",
    "不晚于%(limit)s",
    "早于%(limit)s",
    "共%(count)s项",
    "%(day)s至%(through)s",
    "%(day)s的%(what)s",
    "%(fact)s：是，还是否",
    "%(fact)s是哪一天",
    "%(fact)s是以下哪一项：%(values)s",
    "%(fact)s是多少元",
    "%(fact)s是多少",
    "不符合“%(condition)s”",
    "缺 %(fact)s",
    "%(who)s 提交，待公布",
    "%(who)s 提交，待审批",
    "%(who)s 暂停",
    "多付，%(state)s",
    "%(kind)s，%(state)s",
    "%(date)s 夜间批次",
    "异议期至 %(date)s",
    "下期应还日 %(date)s",
    "自 %(date)s 逾期",
    "%(said)s；%(kind)s %(yuan)s 元待批准（还需 %(count)s 人）",
    "第%(count)s版（第%(revision)s稿）",
    "第%(count)s版",
    "第 %(count)s 版",
    "第 %(count)s 版，%(days)s",
    "%(days)s废止",
    "%(date)s 起",
    "%(date)s 至 %(until)s",
    "%(what)s 自%(date)s",
    "%(what)s 自%(date)s至%(until)s",
    "拟定 %(login)s",
    "%(date)s 起：%(reason)s",
    "部门 %(name)s",
    "区划 %(name)s",
    "事项 %(name)s",
    "符合 %(yuan)s 元",
    "分几个月（1 至 %(count)s）",
    "* 为防止识别个人，少于 %(count)s 的人数及可据以推算的人数不显示。",
    "互斥组 %(name)s",
    "共用封顶 %(name)s",
    "视同已发 %(name)s",
    "以 %(name)s 的结果为条件",
    "不满足：%(name)s",
    "缺少：%(name)s",
    "每期 %(amount)s → %(after)s 元",
    "数据%(obstacle)s %(count)s",
    "%(yuan)s 以上",
    "%(yuan)s 至 %(most)s",
    *LEVELS,
)
"""What `engine.explaining.distance`, `delivery.period_words`, `engine.lanes.questions` and others put together."""

ALONE: Final = (
    "恰在界线上",
    "未知",
    "是",
    "否",
    "一次性",
    "元",
    "有关数据尚未更新",
    "政策已停止执行",
    "企业",
    "个人",
    "居民",
    "家庭",
    "自然人",
    "每月",
    "每季度",
    "每年",
    "每期",
    "每次",
    "条文效期",
    "认定日",
    "期限",
    "停止执行后",
    "到期日",
    "起付",
    "金额未定",
    "金额取整",
    "已发金额",
    "多发抵扣",
    "计发周期",
    "起算日",
    "分期",
    "发放日",
    "拨付单位",
    "收款人",
    "资金来源",
    "当年资金不足时",
    "确认",
    "名单确认",
    "公示",
    "补发",
    "追溯",
    "数据待核期间",
    "不重复享受",
    "上限",
    "其他渠道已得",
    "仅调整启用",
    "废止",
    "无执行中的版本",
    "符合 金额未定",
    "条件均满足",
    "无人受影响",
    "仅待核变动",
    "其他原因",
    "此前",
    *OFFICES,
)
"""What they say without a value."""

_PLACE: Final = re.compile(r"%\((\w+)\)s")
_DAY: Final = r"\d{4}年\d{1,2}月\d{1,2}日"
_MEASURE: Final = r"约?[-\d].*"  # begins with a number, or a day
_LONGEST: Final = 200  # what is longer, no stage has put together
_KINDS: Final = {
    "count": r"[\d,.]+",
    "revision": r"\d+",
    "yuan": r"-?[\d,.]+",
    "most": r"-?[\d,.]+",
    "amount": r"-?[\d,.]+(?: 以上| 至 [\d,.]+)?",
    "after": r"-?[\d,.]+(?: 以上| 至 [\d,.]+)?",
    "day": _DAY,
    "through": _DAY,
    "date": r"\d{4}-\d{2}-\d{2}",
    "until": r"\d{4}-\d{2}-\d{2}",
    "much": _MEASURE,
    "limit": _MEASURE,
    "office": "|".join(map(re.escape, OFFICES)),
    "login": r"[\w.@-]+",
    "kind": "|".join(map(re.escape, (*KIND_WORDS.values(), *RELIEF_WORDS.values()))),
}
_DATES: Final = (
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"), "medium"),
    (re.compile(r"(\d{4})年(\d{1,2})月"), "MMM y"),
)
_QUARTER: Final = re.compile(r"(\d{4})年第(\d)季度")
_YEAR: Final = re.compile(r"(\d{4})年度?")


class Reader:
    """Reads words back for one language."""

    def __init__(self, say: Callable[[str], str], locale: str) -> None:
        self._say, self._locale = say, locale
        ordered = sorted(COMPOSED, key=lambda each: -len(_PLACE.sub("", each)))
        self._templates = [(_pattern(each), each) for each in ordered]
        self.read = lru_cache(maxsize=1_000)(self._read)

    def _read(self, words: str) -> str:
        """Return words in the language, or as they are."""
        if len(words) > _LONGEST:
            return words
        if (date := self._date(words)) is not None:
            return date
        if (text := self._say(words)) != words:
            return text
        return next(self._templates_read(words), words)

    def _templates_read(self, words: str) -> Iterator[str]:
        for pattern, template in self._templates:
            if found := pattern.fullmatch(words):
                yield self._say(template) % {name: self.read(value) for name, value in found.groupdict().items()}

    def _date(self, words: str) -> str | None:
        for pattern, form in _DATES:
            if (found := pattern.fullmatch(words)) and (day := _day(found)) is not None:
                return format_date(day, form, locale=self._locale)
        if quarter := _QUARTER.fullmatch(words):
            return f"Q{quarter[2]} {quarter[1]}"
        found = _YEAR.fullmatch(words)
        return found[1] if found else None


def _day(found: re.Match[str]) -> dt.date | None:
    """Return the day of a match, or the first of its month; None where there is no such day."""
    parts = (*map(int, found.groups()), 1)
    try:
        return dt.date(*parts[:3])
    except ValueError:
        return None


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)
    return re.compile(
        "".join(
            f"(?P<{part}>{_KINDS.get(part, '.+')})" if place % 2 else re.escape(part)
            for place, part in enumerate(parts)
        )
    )
