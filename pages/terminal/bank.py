"""The story of a month with a bank: each file, what went wrong with it, what was done, and both sides' books in the end."""

from collections.abc import Mapping
from shlex import quote

from rich.console import Group, RenderableType
from rich.text import Text

from core.money import yuan_text
from engine.demo_bank import BankMonth, SentFile
from engine.district.bank import Whim
from pages.terminal.printing import plain_table
from store.states.paying import AttemptState, BatchState, FileState

_WHIMS: Mapping[Whim | None, str] = {
    None: "一切正常",
    Whim.LOSES_FILE: "文件没有送到银行",
    Whim.LOSES_ANSWER: "银行付了款，但没有任何答复",
    Whim.ANSWERS_TWICE: "同一回盘送来两次",
    Whim.RETURNS_LATE: "先报已付，几天后又退回一笔",
    Whim.REORDERS: "回盘次序打乱",
    Whim.TRUNCATES: "回盘文件传到一半中断",
    Whim.CHANGES_AMOUNT: "回盘中一笔金额被改",
    Whim.CHANGES_ACCOUNT: "回盘中一笔账号被改",
    Whim.CHANGES_NAME: "回盘中一笔户名被改",
    Whim.REJECTS_FILE: "银行拒收整个文件",
}
_FILES = {FileState.SETTLED: "已办结", FileState.REJECTED: "已拒收"}
_BATCHES = {BatchState.RECONCILED: "已对账", BatchState.RELEASED: "已退回，待下次发放"}
_ATTEMPTS = {
    AttemptState.CONFIRMED_PAID: "已付出",
    AttemptState.CONFIRMED_FAILED: "未付出",
    AttemptState.RETURNED: "付出后退回",
}


def bank_story(month: BankMonth) -> RenderableType:
    """Return the month: file by file, then what it comes to, then where the files are."""
    return Group(_files(month), Text(""), _batches(month), Text(""), *_sums(month), Text(""), *_where(month))


def _files(month: BankMonth) -> RenderableType:
    table = plain_table("银行的一个月：每个文件出了什么事，系统怎么办", "文件 银行出的问题 经过 结果")
    for sent in month.files:
        right = Text(_FILES.get(sent.state, sent.state.value), style="green" if sent.state in _FILES else "bold red")
        table.add_row(
            _named(sent), _WHIMS[sent.whim], "\n".join(f"{day:%m-%d} {words}" for day, words in sent.done), right
        )
    return table


def _named(sent: SentFile) -> str:
    return f"{sent.title}\n文件 {sent.number}：{sent.line_count} 笔 {yuan_text(sent.total_fen)}元"


def _batches(month: BankMonth) -> RenderableType:
    table = plain_table("批次", "批次 结果")
    for title, state in month.batches:
        table.add_row(title, _BATCHES.get(state, state.value))
    return table


def _sums(month: BankMonth) -> list[Text]:
    ours = [
        Text(f"{word}：{count:,} 笔 {yuan_text(fen)}元")
        for state, word in _ATTEMPTS.items()
        for count, fen in [month.attempts.get(state, (0, 0))]
    ]
    paid_fen = month.attempts.get(AttemptState.CONFIRMED_PAID, (0, 0))[1]
    style = "bold green" if month.is_right else "bold red"
    return [
        *ours,
        Text(f"未付出和退回的 {month.reissued_count:,} 笔已恢复为待发，更正后由下一批用新的业务参考号重发"),
        Text(f"我方记账已付 {yuan_text(paid_fen)}元，银行账面实付 {yuan_text(month.bank_paid_fen)}元"),
        Text(f"重复支付 {month.paid_twice_count} 笔，两边不一致 {month.differing_count} 笔", style=style),
    ]


def _where(month: BankMonth) -> list[Text]:
    return [
        Text(f"送银行的文件 files to the bank:      {month.folder / 'to-bank'}"),
        Text(f"银行送来的文件 files from the bank:  {month.folder / 'from-bank'}"),
        Text(f"逐笔查看 look at every line:         mianshen payouts list --workspace {quote(str(month.root))}"),
    ]
