"""The list of cases as a workbook for the department that has to see to them, with names; the opening is recorded."""

from collections.abc import Sequence
from pathlib import Path

from core.clock import CIVIL_ZONE
from core.errors import RunError
from core.settings import SettingsCode
from delivery.list_xlsx import Cell, render_list
from delivery.period_words import period_words
from delivery.private_files import write_private
from engine.authority import authorised
from engine.deployment import Deployment
from engine.overpayments.case_words import STATE_WORDS, waiting_words
from engine.overpayments.roles import MAY_LOOK
from engine.overpayments.views import CaseLine

COLUMNS = (
    "案件", "事项", "姓名或名称", "对象", "所属期", "多发（元）", "待追回（元）", "已追回（元）", "已核销或减免（元）",
    "准予保留（元）", "状态", "下一步", "逾期（元）", "发现", "异议期至",
)  # fmt: skip


def write_case_book(deployment: Deployment, lines: Sequence[CaseLine], path: Path, *, by: str) -> None:
    """Write cases to a workbook that only its owner may read.

    Fails: RefusedError where roles are required and theirs are not enough; RunError where it cannot be written.
    """
    authorised(deployment, by, MAY_LOOK, {line.case.policy for line in lines})
    names = deployment.book(by).names((line.case.subject_id for line in lines), why="overpayment cases")
    rows = [_row(line, names.get(line.case.subject_id, "")) for line in lines]
    try:
        write_private(path, render_list("追回案件", COLUMNS, rows))
    except OSError as fault:
        message = f"the list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def _row(line: CaseLine, name: str) -> list[Cell]:
    case = line.case
    return [
        case.case_id, line.title, name, case.subject_id, period_words(case.period), case.claimed_fen, case.amount_fen,
        case.recovered_fen, case.written_off_fen, case.kept_fen, STATE_WORDS[case.state], waiting_words(line),
        line.overdue_fen, f"{case.opened_at.astimezone(CIVIL_ZONE):%Y-%m-%d}", str(case.object_through or ""),
    ]  # fmt: skip
