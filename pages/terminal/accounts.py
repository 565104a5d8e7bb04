"""Accounts in a terminal: who comes to the pages, for whom, and how many sessions go on."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from core.clock import civil_day
from engine.admitting import Admitted
from pages.terminal.printing import plain_table
from store.accounts import Account


def account_table(found: Iterable[Admitted]) -> Table:
    """Return every login, with what it is here."""
    table = plain_table("账户", "账户 代表 开立 状态 会话>")
    for each in found:
        account = each.account
        table.add_row(
            each.login_name,
            "—" if account is None else account.subject_id or "工作人员",
            "—" if account is None else f"{civil_day(account.created_at)}",
            _state(account),
            f"{each.session_count}" if each.session_count else "·",
        )
    return table


def _state(account: Account | None) -> Text:
    if account is None:
        return Text("统一身份认证")
    if account.closed_at is not None:
        return Text(f"{civil_day(account.closed_at)} 注销", style="red")
    return Text("有效", style="green")
