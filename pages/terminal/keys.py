"""Keys in a terminal: never a key itself, only its name and what needs it."""

from collections.abc import Sequence

from rich.console import RenderableType

from engine.rotating import KeyUse
from pages.terminal.printing import plain_table


def key_table(uses: Sequence[KeyUse]) -> RenderableType:
    """Return the keys as a table."""
    table = plain_table("密钥 keys", "名称 情况 数据库中的值> 密封的送达文件>")
    for each in uses:
        is_idle = not (each.value_count or each.file_count)
        state = "正在使用 seals" if each.is_current else "可以销毁 may go" if is_idle else "仍须保留 still opens"
        table.add_row(each.name, state, f"{each.value_count:,}", f"{each.file_count:,}")
    return table
