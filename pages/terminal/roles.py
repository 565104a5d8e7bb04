"""Roles in a terminal: who may do what, over what, on which days."""

import datetime as dt
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from core.clock import civil_day
from core.roles import Role, Scope, ScopeKind
from pages.terminal.printing import plain_table
from store.roles import RoleHeld

ROLE_WORDS = {
    Role.STEWARD: "数据管理员",
    Role.OFFICER: "政策经办",
    Role.APPROVER: "审批人",
    Role.PAYMASTER: "拨付员",
    Role.SUPERVISOR: "监察员",
    Role.AUDITOR: "审计员",
    Role.OPERATOR: "运维员",
}

_SCOPE_WORDS = {ScopeKind.DEPARTMENT: "部门", ScopeKind.REGION: "区划", ScopeKind.POLICY: "事项"}


def role_table(held: Iterable[RoleHeld], now: dt.datetime, *, is_all: bool, is_required: bool) -> Table:
    """Return every role that somebody has, or ever had."""
    today = civil_day(now)
    title = f"角色（{'必须有角色 required' if is_required else '未启用，任何人可做任何事 open'}）"
    table = plain_table(title, "何人 角色 范围 起 止 状态 经手人 理由")
    for each in held:
        stands = each.holds_on(today)
        if not stands and not is_all and not (each.is_granted and each.valid_from > today):
            continue
        table.add_row(
            each.who,
            f"{ROLE_WORDS[each.role]} {each.role}",
            scope_words(each.scope),
            f"{each.valid_from}",
            f"{each.valid_through}" if each.valid_through else "—",
            _state(each, today),
            each.taken_by,
            each.reason,
        )
    return table


def scope_words(scope: Scope) -> str:
    """Return over what a role is."""
    return f"{_SCOPE_WORDS[scope.kind]} {scope.name}" if scope.name else "全部"


def _state(each: RoleHeld, today: dt.date) -> Text:
    if not each.is_granted:
        return Text("已收回", style="red")
    if each.holds_on(today):
        return Text("在任", style="green")
    return Text("未开始", style="yellow") if each.valid_from > today else Text("已到期", style="red")
