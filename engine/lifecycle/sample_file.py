"""The file that a person judges a sample in: a table for any spreadsheet, one case a row, two empty columns at its end."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RefusedError, RunError
from core.findings import Finding, Place
from core.money import yuan_text
from core.settings import SettingsCode
from engine.deployment import Deployment
from engine.explaining.examine import ExaminedCriterion, ExaminedFact
from engine.explaining.state_words import OUTCOME_WORDS
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.sampling import DrawnSample, SampledCase
from store.samples import Verdict, add_verdicts, sample_with, verdicts_on

_HEAD: Final = ("样本", "序号", "对象", "结论", "金额（元）")
_TAIL: Final = ("是否正确（对/错）", "说明")
_VERDICTS = {"对": True, "正确": True, "right": True, "错": False, "错误": False, "wrong": False}
_RESULTS = {True: "符合", False: "不符合", None: "待核"}
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


def write_sample(drawn: DrawnSample, path: Path) -> None:
    """Write a sample for a person to judge.

    Fails: RunError where the folder may not be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    labels = [each.label for each in _in_order(drawn.cases[0])]
    writer.writerow([*_HEAD, *map(_guarded, labels), *_TAIL])
    for case in drawn.cases:
        writer.writerow([drawn.sample.sample_id, case.number, *map(_guarded, _cells(case)), "", ""])
    try:
        path.write_bytes(text.getvalue().encode(_ENCODING))
    except OSError as fault:
        message = f"the sample cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def _cells(case: SampledCase) -> Iterator[str]:
    examined = case.examination
    yield case.subject_id
    yield OUTCOME_WORDS[examined.outcome]
    yield _amount(examined.amount) if examined.outcome == "met" else ""
    for each in _in_order(case):
        yield f"{_RESULTS[each.result]}：" + "；".join(map(_fact, each.facts))


def _in_order(case: SampledCase) -> list[ExaminedCriterion]:
    """Return the criteria by id: a column holds the same one in every row."""
    return sorted(case.examination.criteria, key=lambda each: each.id)


def _amount(amount: tuple[int, int | None] | None) -> str:
    if amount is None:
        return ""
    least, most = amount
    return yuan_text(least) if least == most else f"{yuan_text(least)} 起"


def _fact(fact: ExaminedFact) -> str:
    told = f"（{fact.source} {fact.data_date}）" if fact.data_date else ""
    return f"{fact.label} {fact.words}{fact.unit}{told}"


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def record_verdicts(deployment: Deployment, path: Path, *, by: str) -> Judged:
    """Keep what a person wrote into the last two columns; rows without a verdict are left for later.

    Fails: RunError where the file is no sample of ours; RefusedError as `store.samples.add_verdicts`.
    """
    sample_id, verdicts = read_verdicts(path)
    with deployment.store.writing() as tx:
        sample = sample_with(tx, sample_id)
        if sample is None:
            message = f"the sample `{sample_id}` was never drawn here"
            help_line = "draw it in this workspace: `mianshen rules sample POLICY`"
            raise RefusedError.one(LifecycleCode.SAMPLE_FILE, path.name, message, help_line)
        add_verdicts(tx, sample, verdicts, by=by)
        said = verdicts_on(tx, sample_id)
    right = sum(each.is_right for each in said)
    return Judged(sample.case_count, right, len(said) - right)


def read_verdicts(path: Path) -> tuple[str, list[Verdict]]:
    """Return which sample a file judges, and the verdicts in it.

    Fails: RunError with every row that cannot be read.
    """
    rows = _rows(path)
    if not rows or tuple(rows[0][: len(_HEAD)]) != _HEAD or tuple(rows[0][-len(_TAIL) :]) != _TAIL:
        raise _not_ours(path, "the file is not a sample")
    verdicts, faults, samples = [], list[Finding](), set[str]()
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]) or not row[1].isdecimal():
            faults.append(_fault(path, line, "the row was cut or shifted", "draw the sample again"))
            continue
        samples.add(row[0])
        word, note = row[-2].strip().lower(), row[-1].strip()
        if word and word not in _VERDICTS:
            faults.append(_fault(path, line, f"`{word}` is no verdict", "write 对 or 错"))
        elif word:
            verdicts.append(Verdict(int(row[1]), _VERDICTS[word], note or None))
    if faults:
        raise RunError(faults)
    if len(samples) != 1 or len({each.number for each in verdicts}) != len(verdicts):
        raise _not_ours(path, "the file holds no sample, rows of several, or a case twice")
    return samples.pop(), verdicts


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > _SIZE_MAX:
            raise _not_ours(path, "the file is too large for a sample")
        data = path.read_bytes()
        text = data.decode(_ENCODING if _is_utf_8(data) else "gb18030")  # what Excel saves in a Chinese Windows
        return [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except OSError as fault:
        raise _not_ours(path, f"the file cannot be read: {(fault.strerror or 'unknown reason').lower()}") from fault
    except (UnicodeDecodeError, csv.Error) as fault:
        raise _not_ours(path, "the file is no table of text") from fault


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _not_ours(path: Path, message: str) -> RunError:
    help_line = "give the file that `mianshen rules sample` wrote, saved as CSV"
    return RunError.one(LifecycleCode.SAMPLE_FILE, path.name, message, help_line)


def _fault(path: Path, line: int, message: str, remedy: str) -> Finding:
    return Finding(LifecycleCode.SAMPLE_FILE, Place(path.name, line), message, remedy)
