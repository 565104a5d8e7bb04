"""Portals in a terminal: which there are, what each may, and for whom; never a secret."""

from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text

from core.clock import civil_day
from pages.terminal.printing import plain_table
from store.portals import Portal
from store.states.entry import PortalScope

SCOPE_WORDS: Mapping[PortalScope, str] = {
    PortalScope.MATCHES: "查看比对结果",
    PortalScope.PAYMENTS: "查看发放",
    PortalScope.NOTICES: "查看告知",
    PortalScope.CONFIRM: "确认意愿和账户",
    PortalScope.WAIVE: "放弃和撤回",
    PortalScope.ANSWER: "答复问题",
    PortalScope.OBJECT: "提出异议和查看处理",
    PortalScope.SUBSCRIBE: "订阅",
}


def portal_table(found: Iterable[Portal], kinds: Mapping[str, str]) -> Table:
    """Return every portal; `kinds` are the labels of kinds of subjects."""
    table = plain_table("门户", "门户 对象 权限 每分钟> 密钥日期 状态")
    for each in found:
        table.add_row(
            each.name,
            "、".join(kinds.get(kind, kind) for kind in sorted(each.kinds)),
            "、".join(SCOPE_WORDS[scope] for scope in PortalScope if scope in each.may),
            f"{each.a_minute:,}",
            f"{civil_day(each.renewed_at)}",
            _state(each),
        )
    return table


def _state(portal: Portal) -> Text:
    if portal.ended_at is not None:
        return Text(f"{civil_day(portal.ended_at)} 停用", style="red")
    return Text("有效", style="green")
