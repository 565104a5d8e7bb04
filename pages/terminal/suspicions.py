"""Suspicions in a terminal: what payments have in common, how many there are, and who has looked."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from delivery.suspicions import SuspicionKind
from pages.terminal.printing import plain_table
from store.suspicions import SuspicionRecord

SUSPICION_WORDS = {
    SuspicionKind.ACCOUNT: "同一账号多人领取",
    SuspicionKind.NAME: "同名同额",
    SuspicionKind.GROUP: "同组重复享受",
}


def suspicion_table(found: Sequence[SuspicionRecord]) -> RenderableType:
    """Return suspicions as a table; nothing in it says who is paid, or on which account."""
    if not found:
        return Text("nothing is suspected 没有疑点")
    table = plain_table("发放疑点 suspicions", "编号 疑点 事项 笔数> 首次 最近 处理")
    for each in found:
        table.add_row(
            each.suspicion_id,
            SUSPICION_WORDS[SuspicionKind(each.kind)],
            each.policies,
            f"{each.item_count:,}",
            f"{each.first_found_at:%Y-%m-%d}",
            f"{each.last_found_at:%Y-%m-%d}",
            f"{each.cleared_by}：{each.reason}" if each.cleared_by else "待核",
        )
    return table
