"""What a 12345 hotline delivers as a file: every line is taken in once, and what cannot be is listed with its line."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import MianshenError, RunError
from core.findings import Finding, Place
from core.settings import SettingsCode
from engine.authority import authorised
from engine.deployment import Deployment
from engine.grievances.codes import GrievanceCode
from engine.grievances.intake import Intake, receive
from engine.grievances.roles import HANDLES
from engine.grievances.words import KIND_WORDS
from profiles.delimited import open_delimited
from profiles.raw_table import RawTable, squeeze
from profiles.workbook import open_workbook
from store.states.grievances import GrievanceKind, GrievanceSource

NUMBER, DAY, KIND, SUBJECT, POLICY, CONTACT, SAID = (
    "工单编号",
    "来电日期",
    "类别",
    "证件号码",
    "事项编码",
    "联系方式",
    "诉求内容",
)
COLUMNS = (NUMBER, DAY, KIND, SUBJECT, POLICY, CONTACT, SAID)
NEEDED = (NUMBER, DAY, SAID)
LINES_MAX = 10_000
"""A city's hotline brings some hundred a day; a file of more is something else."""

_KINDS = {words: kind for kind, words in KIND_WORDS.items()} | {kind.value: kind for kind in GrievanceKind}
_SHORT_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")


@dataclass(frozen=True, slots=True)
class HotlineReport:
    """What came of a file: taken in, known already, and the lines that were rejected."""

    received: tuple[str, ...]
    repeated_count: int
    rejected: tuple[Finding, ...]


def import_hotline(deployment: Deployment, path: Path, *, by: str) -> HotlineReport:
    """Take in a hotline's file, a workbook or CSV; importing it again takes in nothing twice.

    Fails: ProfileError where it cannot be read as a table; RunError where it lacks a column or is too long.
    """
    authorised(deployment, by, HANDLES)
    table = _table(path)
    received: list[str] = []
    rejected: list[Finding] = []
    repeated_count = 0
    for number, cells in _lines(table):
        try:
            found = receive(deployment, _intake(cells, Place(table.name, number)), by=by)
        except MianshenError as error:
            rejected += [_rejected(each, Place(table.name, number)) for each in error.findings]
            continue
        repeated_count += found.is_repeated
        received += [] if found.is_repeated else [found.grievance.grievance_id]
    return HotlineReport(tuple(received), repeated_count, tuple(rejected))


def _table(path: Path) -> RawTable:
    try:
        path.open("rb").close()  # a workbook that is not there would be called damaged
        return open_workbook(path, COLUMNS) if path.suffix.lower() == ".xlsx" else open_delimited(path, COLUMNS)
    except OSError as fault:
        message = f"the file cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a file that may be read") from fault


def _rejected(finding: Finding, place: Place) -> Finding:
    return Finding(finding.code, place, finding.message, finding.help)


def _lines(table: RawTable) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each row with its number and its cells by column.

    Fails: RunError where a column is missing, or there are too many rows.
    """
    places = {squeeze(word): str(index) for index, word in enumerate(table.header)}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        message = f"the file has no column {'、'.join(f'`{name}`' for name in missing)}"
        help_line = f"its columns are called {'、'.join(COLUMNS)}"
        raise RunError.one(GrievanceCode.BAD_LINE, table.name, message, help_line)
    count = 0
    for batch in table.batches():
        count += batch.height
        if count > LINES_MAX:
            message = f"the file has more than {LINES_MAX:,} lines"
            raise RunError.one(GrievanceCode.BAD_LINE, table.name, message, "deliver it in parts")
        for row in batch.iter_rows(named=True):
            cells = {name: (row[place] or "").strip() for name, place in places.items() if name in COLUMNS}
            yield int(row["row_number"]), cells


def _intake(cells: Mapping[str, str], place: Place) -> Intake:
    """Return a line as an intake.

    Fails: RunError where its number, day or kind cannot be read.
    """
    if not cells[NUMBER]:
        raise RunError.one(GrievanceCode.BAD_LINE, place, "the line has no number", f"fill in {NUMBER}")
    word = cells.get(KIND, "") or KIND_WORDS[GrievanceKind.UNDONE]
    kind = _KINDS.get(word)
    if kind is None or kind is GrievanceKind.CLAIM:
        known = "、".join(words for kind, words in KIND_WORDS.items() if kind is not GrievanceKind.CLAIM)
        raise RunError.one(GrievanceCode.BAD_LINE, place, "the kind is none that we know", f"one of {known}")
    return Intake(
        kind,
        GrievanceSource.HOTLINE,
        cells[SAID],
        _day(cells[DAY], place),
        subject=cells.get(SUBJECT) or None,
        policy=cells.get(POLICY) or None,
        external_id=cells[NUMBER],
        contact=cells.get(CONTACT) or None,
    )


def _day(text: str, place: Place) -> dt.date:
    bare = text.split("T", maxsplit=1)[0].split(" ", maxsplit=1)[0]
    for form in _SHORT_DAYS:
        try:
            return dt.datetime.strptime(bare, form).date()  # noqa: DTZ007  # a civil day has no zone
        except ValueError:
            continue
    raise RunError.one(GrievanceCode.BAD_LINE, place, f"{DAY} is no day", "write it as 2026-03-31")
