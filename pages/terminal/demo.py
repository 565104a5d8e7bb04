"""The story of a demonstration: three nights, what was planted and found, and where to look next."""

from shlex import quote

from rich.console import Group, RenderableType
from rich.text import Text

from engine.demo import OFFICERS, PASSWORD, Demo
from engine.demo_faults import FaultResult
from engine.demo_library import AGAINST
from pages.terminal.nights import night_summary
from pages.terminal.printing import plain_table


def demo_story(demo: Demo) -> RenderableType:
    """Return what happened, night by night, then the planted faults, then how to open a page."""
    parts: list[RenderableType] = []
    for report in demo.nights:
        parts += [Text(""), night_summary(report)]
        parts += [Text(f"  {finding}", style="yellow") for finding in report.findings]
    return Group(*parts, Text(""), _faults(demo.faults), _unverified(demo), _next_steps(demo))


def _unverified(demo: Demo) -> RenderableType:
    """Say in the open what the demonstration rests on."""
    return Text(
        f"政策文件中有 {demo.unverified} 处标准未经核对（K）：正式使用前须由政策人员核对原文；演示中已注明“{AGAINST}”。",
        style="yellow",
    )


def _faults(results: tuple[FaultResult, ...]) -> RenderableType:
    table = plain_table("预先埋下的问题，以及系统怎么处理", "问题 经过与结果 符合预期")
    for result in results:
        verdict = Text("是", style="green") if result.is_right else Text("否", style="bold red")
        table.add_row(result.fault.title, result.fault.story, verdict)
    right = sum(result.is_right for result in results)
    return Group(table, Text(f"{right}/{len(results)} 项符合预期", style="bold"))


def _next_steps(demo: Demo) -> RenderableType:
    table = plain_table("试用账户（密码均为 " + PASSWORD + "）", "账户 企业或岗位 可以看到")
    for account in demo.plan.trial_accounts:
        groups = "、".join(dict.fromkeys(account.groups.values()))
        table.add_row(account.login, account.name, groups)
    for login, (post, work) in OFFICERS.items():
        table.add_row(login, post, work)
    where = demo.root
    return Group(
        Text(""),
        table,
        Text(f"打开网页 open the pages:           mianshen serve --workspace {quote(str(where))}"),
        Text(f"看一笔认定的依据 explain:          mianshen explain SUBJECT --workspace {quote(str(where))}"),
        Text(f"发放文件与通知 payouts, notices:   {where / 'payouts'}  {where / 'outbox'}"),
    )
