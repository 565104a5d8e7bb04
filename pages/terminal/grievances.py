"""Grievances in a terminal: a list by deadline, and one with everything that was done on it."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from core.clock import CIVIL_ZONE
from engine.grievances.intake import CONTACT, SAID
from engine.grievances.views import GrievanceLine, GrievanceView
from engine.grievances.words import KIND_WORDS, OUTCOME_WORDS, SOURCE_WORDS, STATE_WORDS
from pages.terminal.printing import plain_table
from store.states.grievances import GrievanceOutcome, GrievanceState


def grievance_list(lines: Sequence[GrievanceLine]) -> RenderableType:
    """Return grievances as a table, and how many are late."""
    if not lines:
        return Text("没有异议投诉 no grievance")
    table = plain_table("异议与投诉 grievances", "编号 类别 来源 事项 对象 登记 状态 期限")
    for line in lines:
        own = line.grievance
        table.add_row(
            own.grievance_id,
            KIND_WORDS[own.kind],
            SOURCE_WORDS[own.source],
            line.title or "—",
            own.subject_id or "—",
            str(own.received_on),
            _state(line),
            _deadline(line),
        )
    late = sum(line.deadline.is_overdue for line in lines)
    near = sum(line.deadline.is_near for line in lines)
    return Group(table, Text(f"{len(lines):,} 件，逾期 {late:,} 件，临期 {near:,} 件", style="dim"))


def _state(line: GrievanceLine) -> str:
    own = line.grievance
    outcome = f"（{OUTCOME_WORDS[own.outcome]}）" if own.outcome else ""
    held = "，款项暂缓" if own.is_holding else ""
    return f"{STATE_WORDS[own.state]}{outcome}{held} {own.state}"


def _deadline(line: GrievanceLine) -> str:
    if line.deadline.through is None:
        return "停计" if line.grievance.state is GrievanceState.WAITING else "—"
    note = "（逾期）" if line.deadline.is_overdue else "（临期）" if line.deadline.is_near else ""
    return f"{line.deadline.through}{note}"


def grievance_detail(view: GrievanceView, said: Mapping[str, str] | None) -> RenderableType:
    """Return one grievance; `said` where somebody opened what was said."""
    own = view.line.grievance
    about = " · ".join(each for each in (view.line.title, own.subject_id, own.case_id) if each)
    parts: list[RenderableType] = [
        Text.assemble((f"{own.grievance_id} ", "bold"), f"{KIND_WORDS[own.kind]} · {SOURCE_WORDS[own.source]}"),
        Text(about or "未关联事项和对象"),
        Text(f"{_state(view.line)}；期限 {_deadline(view.line)}"),
    ]
    if own.earlier_id:
        parts.append(Text(f"对 {own.earlier_id} 再次申诉，由其他人员办理"))
    if said is None:
        parts.append(Text("诉求内容已密封；加 --words 查看，查看会留下记录", style="dim"))
    else:
        parts.append(Text(f"诉求：{said.get(SAID, '—')}"))
        parts.append(Text(f"联系方式：{said.get(CONTACT, '—')}"))
    if own.outcome in {GrievanceOutcome.UPHELD, GrievanceOutcome.PARTLY}:
        parts.append(Text(_again(view)))
    return Group(*parts, _steps(view))


def _again(view: GrievanceView) -> str:
    departments = [step.department for step in view.steps if step.department]
    mends = f"由{departments[-1]}更正数据" if departments else "按决定落实"
    night = "决定之后已有夜间批次重新核定" if view.is_looked_at_again else "下一晚按更正后的数据重新核定"
    return f"{mends}；{night}"


def _steps(view: GrievanceView) -> RenderableType:
    table = plain_table("经过", "时间 经办 状态 说明 依据 责任部门")
    own = view.line.grievance
    received = STATE_WORDS[GrievanceState.RECEIVED]
    table.add_row(_instant(own.received_at), own.received_by, received, "—", "—", "—")
    for step in view.steps:
        table.add_row(
            _instant(step.taken_at),
            step.taken_by,
            STATE_WORDS[step.target],
            step.reason or "—",
            step.basis or "—",
            step.department or "—",
        )
    return table


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M}"
