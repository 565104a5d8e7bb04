"""The file that a person judges a sample in: a workbook, or a CSV file for any other spreadsheet; and their verdicts."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RefusedError, RunError
from core.findings import Finding, Place
from core.settings import SettingsCode
from engine.authority import authorised
from engine.deployment import Deployment
from engine.entry_books import Line, Spoilt, render_book, rows_of_book
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.sample_table import FORM, JudgedRow, is_sample, judged_rows, table_of
from engine.lifecycle.sampling import MAY_JUDGE, DrawnSample
from engine.workbooks import UnreadableWorkbookError
from store.samples import SampleRecord, add_verdicts, cases_of, policy_of_sample, sample_with, verdicts_on

_ENCODING: Final = "utf-8-sig"  # with the mark by which spreadsheets know it
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "\uff20",
    "\t",
    "\r",
)  # no spreadsheet runs what a department delivered
_SIZE_MAX = 4 << 20  # bytes; a sample of a thousand cases has some hundred thousand
_ARCHIVE = b"PK"  # how a workbook begins, whatever its file is called


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file said of a sample: how many cases there are, and how many were judged so far."""

    case_count: int
    right_count: int
    wrong_count: int

    @property
    def is_right(self) -> bool:
        """Say whether every case was judged right: the first payout may go out."""
        return self.right_count == self.case_count


def form_of(path: Path) -> Callable[[Sequence[Sequence[str]]], bytes]:
    """Return what makes the bytes of a sample's rows, by how the file is called.

    Fails: RunError where it is neither a workbook nor a CSV file.
    """
    found = _FORMS.get(path.suffix.lower())
    if found is None:
        message = f"a sample is a workbook or a CSV file, and `{path.suffix or path.name}` is neither"
        raise RunError.one(LifecycleCode.SAMPLE_FILE, path.name, message, "call the file `….xlsx` or `….csv`")
    return found


def write_sample(drawn: DrawnSample, path: Path) -> None:
    """Write a sample for a person to judge.

    Fails: RunError as `form_of`, or where the folder may not be written.
    """
    data = form_of(path)(table_of(drawn))
    try:
        path.write_bytes(data)
    except OSError as fault:
        message = f"the sample cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def _as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode(_ENCODING)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    return render_book(rows, FORM)


_FORMS: Mapping[str, Callable[[Sequence[Sequence[str]]], bytes]] = {".csv": _as_csv, ".xlsx": _as_workbook}


def record_verdicts(deployment: Deployment, path: Path, *, by: str) -> Judged:
    """Keep what a person wrote into the last two columns; rows without a verdict are left for later.

    Fails: RunError where the file is no sample of ours, or its rows are no longer about their cases; RefusedError as
           `store.samples.add_verdicts`.
    """
    sample_id, rows = read_verdicts(path)
    with deployment.store.reading() as rx:
        policy = policy_of_sample(rx, sample_id)
    if policy is not None:
        authorised(deployment, by, MAY_JUDGE, policy)
    with deployment.store.writing() as tx:
        sample = sample_with(tx, sample_id)
        if sample is None:
            message = f"the sample `{sample_id}` was never drawn here"
            help_line = "draw it in this workspace: `mianshen rules sample POLICY`"
            raise RefusedError.one(LifecycleCode.SAMPLE_FILE, path.name, message, help_line)
        _refuse_shifted(path, sample, rows, {each.number: each.subject_id for each in cases_of(tx, sample_id)})
        add_verdicts(tx, sample, [row.verdict for row in rows if row.verdict], by=by)
        said = verdicts_on(tx, sample_id)
    right = sum(each.is_right for each in said)
    return Judged(sample.case_count, right, len(said) - right)


def _refuse_shifted(path: Path, sample: SampleRecord, rows: Iterable[JudgedRow], subjects: Mapping[int, str]) -> None:
    """Check that each row still is about its case: sorting one column alone would put verdicts on others.

    Fails: RunError.
    """
    remedy = f"draw the sample again with `--seed {sample.seed}`: it has the same cases"
    shifted = [
        _fault(path, Spoilt(row.line, f"case {row.number} of the sample is about somebody else", remedy))
        for row in rows
        if subjects.get(row.number, row.subject_id) != row.subject_id
    ]
    if shifted:
        raise RunError(shifted)


def read_verdicts(path: Path) -> tuple[str, list[JudgedRow]]:
    """Return which sample a file judges, and its rows.

    Fails: RunError with every row that cannot be read.
    """
    lines, spoilt = _lines(path)
    if not lines or not is_sample(lines[0].cells):
        raise _not_ours(path, "the file is not a sample")
    rows, unread = judged_rows(lines[1:], len(lines[0].cells))
    told = {each.line for each in spoilt}
    unread = [each for each in unread if each.line not in told]  # one fault a row is enough
    faults = [_fault(path, each) for each in sorted([*spoilt, *unread], key=lambda each: each.line)]
    if faults:
        raise RunError(faults)
    samples, numbers = {row.sample_id for row in rows}, {row.number for row in rows}
    if len(samples) != 1 or len(numbers) != len(rows):
        raise _not_ours(path, "the file holds no sample, rows of several, or a case twice")
    return samples.pop(), rows


def _lines(path: Path) -> tuple[list[Line], list[Spoilt]]:
    """Return the rows of a file that hold anything, and what was done to them."""
    try:
        if path.stat().st_size > _SIZE_MAX:
            raise _not_ours(path, "the file is too large for a sample")
        data = path.read_bytes()
        if data.startswith(_ARCHIVE):
            return rows_of_book(path, FORM)
        text = data.decode(_ENCODING if _is_utf_8(data) else "gb18030")  # what Excel saves in a Chinese Windows
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except OSError as fault:
        raise _not_ours(path, f"the file cannot be read: {(fault.strerror or 'unknown reason').lower()}") from fault
    except UnreadableWorkbookError as fault:
        raise _not_ours(path, str(fault)) from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise _not_ours(path, "the file is no table of text") from fault
    return [Line(number, tuple(row)) for number, row in enumerate(rows, start=1)], []


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _not_ours(path: Path, message: str) -> RunError:
    help_line = "give the file that `mianshen rules sample` wrote, with nothing but its last two columns filled in"
    return RunError.one(LifecycleCode.SAMPLE_FILE, path.name, message, help_line)


def _fault(path: Path, spoilt: Spoilt) -> Finding:
    return Finding(LifecycleCode.SAMPLE_FILE, Place(path.name, spoilt.line or None), spoilt.message, spoilt.remedy)
