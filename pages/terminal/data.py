"""Shared data in a terminal: which resources there are, how fresh they are, what came and what was kept back."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.clock import CIVIL_ZONE
from core.loads import LoadInfo
from engine.data_state import KeptBack
from pages.terminal.printing import plain_table
from profiles.codes import ProfileCode
from profiles.contract import WHOLE_ROW
from profiles.intake import LoadReport
from profiles.state import Freshness, ResourceState

FRESHNESS_WORDS = {
    Freshness.NEVER: ("从未送达", "red"),
    Freshness.STALE: ("已过期", "red"),
    Freshness.NEARLY_STALE: ("即将过期", "yellow"),
    Freshness.FRESH: ("有效", "green"),
}

KEPT_BACK_WORDS = {
    ProfileCode.KEY_MISSING: "号码为空",
    ProfileCode.KEY_MALFORMED: "号码不合编码规则",
    ProfileCode.DIGITS_LOST: "长号码被电子表格截断",
    ProfileCode.VALUE_MISSING: "必填项为空",
    ProfileCode.VALUE_UNREADABLE: "不能按规定类型读取",
    ProfileCode.VALUE_NOT_LISTED: "取值不在规定范围",
    ProfileCode.VALUE_OUT_OF_BOUNDS: "数值超出上下限",
    ProfileCode.DUPLICATE: "同一记录说法不一",
    ProfileCode.REPEATED: "与其他行完全相同",
    ProfileCode.DAY_AHEAD: "日期在将来",
    ProfileCode.ENDS_BEFORE_START: "止日早于起日",
    ProfileCode.CELL_COUNT: "列数与表头不一致",
}
"""Why a row is kept back, for every code of a row."""


def loaded_line(report: LoadReport) -> Text:
    """Return one line about a file that was loaded, or recognised."""
    load = report.load
    head = "已载入 loaded" if report.is_new else "已载入过，未重复载入 known already"
    text = Text(f"{load.resource}  {load.data_date}  {head}  {load.accepted_count:,}/{load.row_count:,}")
    if load.quarantined_count:
        text.append(f"  隔离 quarantined {load.quarantined_count:,}", style="yellow")
    if not load.is_complete:
        text.append("  不完整 incomplete", style="red")
    return text


def resource_table(states: Iterable[ResourceState]) -> Table:
    """Return every resource with its freshness."""
    table = plain_table("数据资源", "代码 名称 数源部门 类型 数据日 有效至 状态 完整 行数> 隔离>")
    for state in states:
        words, style = FRESHNESS_WORDS[state.freshness]
        load = state.latest
        table.add_row(
            state.resource.resource,
            state.resource.label,
            state.resource.owner,
            f"{state.resource.kind.value}/{state.resource.delivery.value}",
            f"{load.data_date}" if load else "—",
            f"{state.fresh_through}" if state.fresh_through else "—",
            Text(words, style=style),
            "—" if load is None else "是" if load.is_complete else Text("否", style="red"),
            f"{load.accepted_count:,}" if load else "—",
            f"{load.quarantined_count:,}" if load else "—",
        )
    return table


def resource_detail(state: ResourceState, loads: Iterable[LoadInfo], kept_back: Sequence[KeptBack]) -> RenderableType:
    """Return one resource with all its loads, and why rows of the newest one were kept back."""
    resource = state.resource
    head = Text.assemble((f"{resource.label} ", "bold"), f"{resource.resource} · {resource.owner}")
    table = plain_table("批次", "数据日 送达 文件 行数> 隔离> 完整 校验")
    for load in loads:
        table.add_row(
            f"{load.data_date}",
            f"{load.loaded_at.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M}",
            load.file_name,
            f"{load.row_count:,}",
            f"{load.quarantined_count:,}",
            "是" if load.is_complete else f"否：{load.incomplete_because or '缺少地区'}",
            load.digest[:12],
        )
    parts: list[RenderableType] = [head, table]
    if kept_back:
        parts.append(_reasons(kept_back))
    return Group(*parts)


def _reasons(kept_back: Sequence[KeptBack]) -> Table:
    """Return why rows of the newest load were kept back, and which they are, counted from below the header."""
    table = plain_table("最近一批的隔离原因", "代码 原因 列 行数> 行号（表头下一行为1）")
    for each in kept_back:
        column = "整行" if each.column == WHOLE_ROW else each.column
        rows = "、".join(f"{row}" for row in each.rows) + ("……" if each.row_count > len(each.rows) else "")
        table.add_row(each.code.value, KEPT_BACK_WORDS[each.code], column, f"{each.row_count:,}", rows)
    return table
