"""A draft by forms: its conditions as fact, comparison and value, its amounts in a table, its worked examples.

Each form writes the same text that the draft's own page shows, and is saved as that is.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from core.errors import RuleError
from core.findings import Finding
from core.values import ValueType
from engine.authoring.drafts import DraftFile, save_draft
from engine.explaining.state_words import OUTCOME_WORDS
from pages.web.console.drafts import draft_of
from pages.web.console.policies import PLACE, WRITES, day_of
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from rules.bound import RuleVersion
from rules.entry_faults import AnswerError
from rules.form_edits import (
    GROUPS,
    Comparison,
    EnteredCriterion,
    EnteredExample,
    EnteredLine,
    shown_example,
    with_changed_example,
    with_criterion,
    with_example,
    with_values,
    without_criterion,
    without_example,
)
from rules.interview_conditions import signs_of
from rules.reading import parse_version
from rules.tables import tables_of
from rules.version import Example
from rules.wording import wording

_ROWS: Final = range(4)  # comparisons of one condition; more are written as an expression
_NEW_LINES: Final = 2
_REFUSED: Final = 409
_SIGNS: Final = [
    ("是否、地区、行业", {"is": "是／在／属于", "not": "否／不在／不属于"}),
    ("数值", signs_of(ValueType.MONEY)),
    ("日期", signs_of(ValueType.DATE)),
    ("文字", signs_of(ValueType.TEXT)),
]
_OVERTAKEN: Final = "没有保存：您打开之后，他人保存了另一文本。下面是现在的文本，请重新填写。"
_HINTS: Final = {
    ValueType.BOOL: "是 / 否",
    ValueType.DATE: "2025-07-01",
    ValueType.MONEY: "元",
    ValueType.REGION: "区划代码",
    ValueType.INDUSTRY: "行业代码",
}


def routes() -> list[Route]:
    """Return the routes."""
    own = PLACE + "/{policy}/{version}"
    return [
        page(own + "/form", shown, For.OFFICER, WRITES),
        deed(own + "/criterion", change_criterion, For.OFFICER, WRITES),
        deed(own + "/values", change_values, For.OFFICER, WRITES),
        deed(own + "/example", change_examples, For.OFFICER, WRITES),
    ]


def shown(visit: Visit) -> Response:
    """Show a draft as forms; one that cannot be read is shown as text."""
    draft = draft_of(visit)
    return _sheet(visit, draft)


def change_criterion(visit: Visit) -> Response:
    """Change, add or take away a condition."""
    if visit.given("drop"):
        return _changed(visit, lambda version: without_criterion(version, visit.given("id")), "条件已删除")
    rows = [
        Comparison(visit.given(f"fact{row}"), visit.given(f"sign{row}"), visit.given(f"value{row}"))
        for row in _ROWS
        if visit.given(f"fact{row}")
    ]
    group = visit.given("group") or "all"
    if group not in GROUPS:
        raise missing()
    entry = EnteredCriterion(
        visit.given("id"), visit.given("label"), visit.given("remedy"), group, rows, visit.given("when")
    )
    return _changed(visit, lambda version: with_criterion(version, entry), "条件已保存")


def change_values(visit: Visit) -> Response:
    """Change the parameters and the tariff."""

    def change(version: RuleVersion) -> str:
        parameters = {name: visit.given(f"parameter {name}") for name in version.written.parameters}
        parameters |= {visit.given("name"): visit.given("value")} if visit.given("name") else {}
        lines = [
            EnteredLine(*(visit.given(f"{part}{place}") for part in ("component", "when", "amount", "article")))
            for place in range(len(version.written.tariff) + _NEW_LINES)
        ]
        return with_values(version, parameters, lines)

    return _changed(visit, change, "标准已保存")


def change_examples(visit: Visit) -> Response:
    """Add a worked example, change one where it stands, or take one away."""
    if visit.given("drop"):
        return _changed(visit, lambda version: without_example(version, visit.given("drop")), "算例已删除")
    day, outcome = day_of(visit, "day"), visit.given("outcome")
    if day is None or outcome not in OUTCOME_WORDS:
        raise missing()
    if was := visit.given("was"):
        return _changed(
            visit,
            lambda version: with_changed_example(version, was, _example(visit, version, day, outcome)),
            "算例已保存",
        )
    return _changed(visit, lambda version: with_example(version, _example(visit, version, day, outcome)), "算例已加入")


def _example(visit: Visit, version: RuleVersion, day: dt.date, outcome: str) -> EnteredExample:
    facts = {label: visit.given(f"fact {label}") for label, _ in _facts(version)}
    return EnteredExample(visit.given("name"), day, facts, outcome, visit.given("amount"))


def _changed(visit: Visit, change: Callable[[RuleVersion], str], said: str) -> Response:
    """Save what a form makes of the text that its writer had before them."""
    draft = draft_of(visit)
    if visit.given("before") != draft.digest:
        return _sheet(visit, draft, alerts=[visit.words(_OVERTAKEN)])
    try:
        version = parse_version(draft.text, visit.deployment.catalogue, draft.name)
        save_draft(visit.deployment, draft, change(version), by=visit.by)
    except AnswerError as fault:
        said, remedy = fault.in_words(visit.words.gettext, visit.words("、"))
        told = "没有保存：%(fault)s。%(remedy)s。" if remedy else "没有保存：%(fault)s。"
        return _sheet(visit, draft, alerts=[visit.words(told, fault=said, remedy=remedy)])
    except RuleError as error:
        return _sheet(visit, draft, findings=error.findings)
    return visit.say(f"{PLACE}/{draft.policy}/{draft.version}/form", said)


def _sheet(
    visit: Visit, draft: DraftFile, *, alerts: list[str] | None = None, findings: tuple[Finding, ...] = ()
) -> Response:
    place = f"{PLACE}/{draft.policy}/{draft.version}"
    try:
        version = parse_version(draft.text, visit.deployment.catalogue, draft.name)
    except RuleError:
        return visit.say(f"{place}/edit", "文本还有错误，须先在这里改正，才能用表单修改")
    tables = tables_of(version.written)
    given: Mapping[str, object] = visit.form if alerts or findings else {}
    chosen = _chosen(visit, version)
    return visit.page(
        "console/form.html",
        status_code=_REFUSED if alerts or findings else 200,
        draft=draft,
        place=place,
        title=version.written.title,
        alerts=alerts or [],
        findings=visit.said(findings),
        given=given,
        chosen=chosen and chosen.name,
        filled=given if chosen is None or given.get("was") else _filled(version, chosen),
        criteria=[
            (each, bound.text, wording(bound.node))
            for each, bound in zip(version.written.criteria, version.criteria, strict=True)
        ],
        tables=tables,
        new_lines=range(len(tables.tariff), len(tables.tariff) + _NEW_LINES),
        examples=version.written.examples,
        facts=_facts(version),
        labels=sorted({each.label for each in version.vocabulary.own.values()}),
        rows=_ROWS,
        signs=_SIGNS,
        groups=GROUPS,
        outcomes=OUTCOME_WORDS,
        done=visit.asked("done"),
    )


def _chosen(visit: Visit, version: RuleVersion) -> Example | None:
    """Return the example that is to be changed: the one that the address asks for, or that a form came back about."""
    name = visit.given("was") or visit.asked("example")
    found = next((each for each in version.written.examples if each.name == name), None)
    if name and found is None and visit.request.method == "GET":
        raise missing()
    return found


def _filled(version: RuleVersion, example: Example) -> dict[str, str]:
    """Return what stands in the form of an example, as a person types it."""
    entry = shown_example(version, example)
    facts = {f"fact {label}": typed for label, typed in entry.facts.items()}
    return facts | {"name": entry.name, "day": str(entry.day), "outcome": entry.outcome, "amount": entry.amount}


def _facts(version: RuleVersion) -> list[tuple[str, str]]:
    """Return what a version reads, by label, with what may be written there."""
    own = {each.code: each for each in version.vocabulary.own.values()}
    read = sorted((own[code] for code in version.attributes), key=lambda each: each.label)
    return [(each.label, "、".join(each.values) or _HINTS.get(each.type, each.unit or "")) for each in read]
