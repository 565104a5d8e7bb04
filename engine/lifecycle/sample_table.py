"""What a sample says as a table: one case a row, and two empty columns for the person who judges; and what they said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.money import yuan_text
from engine.entry_books import Entries, Form, Line, Spoilt
from engine.explaining.examination import ExaminedCriterion, ExaminedFact
from engine.explaining.state_words import OUTCOME_WORDS
from engine.lifecycle.sampling import DrawnSample, SampledCase
from store.samples import Verdict

_HEAD: Final = ("样本", "序号", "对象", "结论", "金额（元）")
_TAIL: Final = ("是否正确（对/错）", "说明")
_HINTS: Final = (
    ("怎么核对", "逐行对照本部门掌握的材料。结论和金额都对的，在“是否正确”一列选“对”；有一样不对就选“错”，并写明哪里不对。"),
    ("分次核对", "没有核对的留空；可以先交回一部分，以后再交其余的。已经交回的结论不能再改。"),
    ("不要改动", "其余各列已锁定。不要合并单元格，不要写公式，不要增删列，不要只对个别列排序。"),
    ("交回", "mianshen rules verdict 本文件 --by 核对人（须与拟定人不同）"),
)  # fmt: skip
FORM: Final = Form(
    title="抽样核对",
    sheet="核对",
    hints=_HINTS,
    entries=Entries(len(_TAIL), ("对", "错")),
    widths={"样本": 20, "序号": 6, "对象": 20, "结论": 8, "金额（元）": 12, "说明": 30},
    remedy="draw the sample again",
)
_VERDICTS = {"对": True, "正确": True, "right": True, "错": False, "错误": False, "wrong": False}
_RESULTS = {True: "符合", False: "不符合", None: "待核"}


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One row that came back: which case of which sample it is, whom it is about, and the verdict, if there is one."""

    line: int
    sample_id: str
    number: int
    subject_id: str
    verdict: Verdict | None


def table_of(drawn: DrawnSample) -> list[list[str]]:
    """Return a sample as rows of text, its header first."""
    labels = [each.label for each in _in_order(drawn.cases[0])]
    rows = [[drawn.sample.sample_id, str(case.number), *_cells(case), *("" for _ in _TAIL)] for case in drawn.cases]
    return [[*_HEAD, *labels, *_TAIL], *rows]


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


def is_sample(header: Sequence[str]) -> bool:
    """Say whether a table begins like one of ours."""
    return tuple(header[: len(_HEAD)]) == _HEAD and tuple(header[-len(_TAIL) :]) == _TAIL


def judged_rows(lines: Iterable[Line], width: int) -> tuple[list[JudgedRow], list[Spoilt]]:
    """Return what the rows below the header say, and every row that cannot be read."""
    rows, spoilt = list[JudgedRow](), list[Spoilt]()
    for line in lines:
        cells = line.cells
        if len(cells) != width or not cells[1].isdecimal():
            spoilt.append(Spoilt(line.number, "the row was cut or shifted", "draw the sample again"))
            continue
        word, note = cells[-2].strip().lower(), cells[-1].strip()
        if word and word not in _VERDICTS:
            spoilt.append(Spoilt(line.number, f"`{word}` is no verdict", "write 对 or 错"))
            continue
        verdict = Verdict(int(cells[1]), _VERDICTS[word], note or None) if word else None
        rows.append(JudgedRow(line.number, cells[0], int(cells[1]), cells[2], verdict))
    return rows, spoilt
