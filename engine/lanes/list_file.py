"""A department's list as a workbook: out with names, back with a decision for each line that was looked at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.clock import civil_day
from core.errors import RunError
from core.findings import Finding, Place
from core.ids import text_digest
from core.ledger import ActKind, Grant
from core.money import yuan_text
from core.roles import Role
from core.settings import SettingsCode
from engine.authority import authorised
from engine.deployment import Deployment
from engine.entry_books import Entries, Form, Line, Spoilt, render_book, rows_of_book
from engine.lanes.acting import Deed, act_on_all
from engine.lanes.codes import LaneCode
from engine.lanes.lists import ListLine, WaitingList, waiting_list
from engine.workbooks import UnreadableWorkbookError

_HEAD: Final = ("行", "认定编号", "姓名（名称）", "号码", "所属对象", "认定日", "标准（元）", "校验码")
_TAIL: Final = ("部门意见（确认/剔除）", "剔除理由")
_DECISIONS = {"确认": ActKind.CHECK, "剔除": ActKind.STRIKE}
_HINTS: Final = (
    ("怎么确认", "逐行对照本部门掌握的材料。同意发放的选“确认”；不应发放的选“剔除”，并写明理由。"),
    ("分次确认", "没有看过的留空，以后再交回。交回后，已确认的进入下一步，剔除的不再列入，直到部门恢复。"),
    ("不要改动", "其余各列已锁定。不要合并单元格，不要写公式，不要增删列，不要只对个别列排序。"),
    ("交回", "mianshen lists confirm 事项编码 --file 本文件 --by 确认人"),
    ("保密", "本表有姓名和号码，只供本部门确认名单使用，用后销毁；不得用于公示。"),
)  # fmt: skip
FORM: Final = Form(
    title="名单确认",
    sheet="名单",
    hints=_HINTS,
    entries=Entries(len(_TAIL), tuple(_DECISIONS)),
    widths={
        "行": 6,
        "认定编号": 22,
        "姓名（名称）": 20,
        "号码": 22,
        "所属对象": 22,
        "认定日": 12,
        "标准（元）": 12,
        "校验码": 12,
    },
    remedy="write the list again",
    rows_max=200_000,
)
_REMEDY: Final = (
    "give the workbook that `mianshen lists show --out` wrote, with nothing but its last two columns filled in"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a workbook: how many were confirmed, struck, and left for later."""

    confirmed_count: int
    struck_count: int
    open_count: int


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    grant_id: str
    kind: ActKind
    reason: str


def write_list(found: WaitingList, path: Path) -> None:
    """Write a list, with the identities that it holds, for the department to decide line by line.

    Fails: RunError where it is not to be a workbook, or where the folder may not be written.
    """
    if path.suffix.lower() != ".xlsx":
        message = f"a list is a workbook, and `{path.suffix or path.name}` is none"
        raise RunError.one(LaneCode.LIST_FILE, path.name, message, "call the file `….xlsx`")
    rows = [
        [*_HEAD, *_TAIL],
        *([*_cells(number, line), *("" for _ in _TAIL)] for number, line in enumerate(found.lines, 1)),
    ]
    try:
        path.touch(mode=0o600)  # it names people
        path.write_bytes(render_book(rows, FORM))
    except OSError as fault:
        message = f"the list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def _cells(number: int, line: ListLine) -> list[str]:
    amount = "" if line.amount_fen is None else yuan_text(line.amount_fen)
    grant = line.grant
    told = [grant.grant_id, line.who.name, line.who.masked_number, grant.event, str(grant.discovered_on), amount]
    return [str(number), *told, _check_sign(told)]


def _check_sign(told: Sequence[str]) -> str:
    """Return what shows that the cells of a row still belong together: sorting one column alone would move decisions."""
    return text_digest(*told)[:8]


def record_decisions(deployment: Deployment, policy: str, path: Path, *, by: str) -> Decided:
    """Do what a department wrote behind each line; lines without a decision wait on.

    Fails: RunError with every line that cannot be read, or is no longer on the list; RefusedError as
           `engine.lanes.lists.waiting_list`. Then nothing is written.
    """
    authorised(deployment, by, Role.APPROVER, policy)
    rows, open_count = _read(path)
    with deployment.store.writing() as tx:
        found = waiting_list(tx, deployment, policy)
        waiting = {line.grant.grant_id: line.grant for line in found.lines}
        _refuse_others(path, rows, waiting)
        on = civil_day(tx.now)
        confirmed = [waiting[row.grant_id] for row in rows if row.kind is ActKind.CHECK]
        act_on_all(tx, deployment, found.policy, confirmed, Deed(ActKind.CHECK, by, on))
        struck = [row for row in rows if row.kind is ActKind.STRIKE]
        for reason in sorted({row.reason for row in struck}):
            grants = [waiting[row.grant_id] for row in struck if row.reason == reason]
            act_on_all(tx, deployment, found.policy, grants, Deed(ActKind.STRIKE, by, on, reason=reason))
    return Decided(len(confirmed), len(struck), open_count)


def _refuse_others(path: Path, rows: Iterable[_Row], waiting: Mapping[str, Grant]) -> None:
    gone = [
        _fault(path, Spoilt(row.line, f"`{row.grant_id}` is no longer on the list", "write the list again; somebody decided, or the facts changed"))
        for row in rows
        if row.grant_id not in waiting
    ]  # fmt: skip
    if gone:
        raise RunError(gone)


def _read(path: Path) -> tuple[list[_Row], int]:
    """Return the decided rows of a workbook, and how many are left open.

    Fails: RunError with every row that cannot be read.
    """
    try:
        lines, spoilt = rows_of_book(path, FORM)
    except UnreadableWorkbookError as fault:
        raise RunError.one(LaneCode.LIST_FILE, path.name, str(fault), _REMEDY) from fault
    if not lines or lines[0].cells != (*_HEAD, *_TAIL):
        raise RunError.one(LaneCode.LIST_FILE, path.name, "the file is no list", _REMEDY)
    rows, open_count, told = list[_Row](), 0, {each.line for each in spoilt}
    for line in lines[1:]:
        if line.number in told:
            continue  # one fault a row is enough
        read = _decision(line)
        if isinstance(read, Spoilt):
            spoilt.append(read)
        elif read is None:
            open_count += 1
        else:
            rows.append(read)
    counts = Counter(row.grant_id for row in rows)
    twice = (row for row in rows if counts[row.grant_id] > 1)
    spoilt += [Spoilt(row.line, f"`{row.grant_id}` stands twice", "leave one of them") for row in twice]
    if spoilt:
        raise RunError(_fault(path, each) for each in sorted(spoilt, key=lambda each: each.line))
    return rows, open_count


def _decision(line: Line) -> _Row | Spoilt | None:
    """Return what a row decides, None where nothing yet, or what is wrong with it."""
    cells = line.cells
    if len(cells) != len(_HEAD) + len(_TAIL) or _check_sign(cells[1 : len(_HEAD) - 1]) != cells[len(_HEAD) - 1]:
        return Spoilt(
            line.number, "the cells of this row no longer belong together", "write the list again; sort whole rows only"
        )
    word, reason = cells[-2].strip(), cells[-1].strip()
    if not word:
        return None
    kind = _DECISIONS.get(word)
    if kind is None:
        return Spoilt(line.number, f"`{word}` is no decision", "write 确认 or 剔除")
    if kind is ActKind.STRIKE and not reason:
        return Spoilt(line.number, "it is struck without a reason", "write why into the last column")
    return _Row(line.number, cells[1], kind, reason)


def _fault(path: Path, spoilt: Spoilt) -> Finding:
    return Finding(LaneCode.LIST_FILE, Place(path.name, spoilt.line or None), spoilt.message, spoilt.remedy)
