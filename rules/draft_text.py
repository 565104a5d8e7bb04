"""The first version of a policy as text: every part with a word about what it is for, ready to be edited by hand."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.yaml_editing import Item, written_line, written_scalar
from core.yaml_text import Scalar

HEAD = "# 本文件由 mianshen rules new 生成，可以直接修改；写法见 docs/rules.md，改后请运行 mianshen rules check\n"


@dataclass(frozen=True, slots=True)
class DraftCriterion:
    """One condition as it was answered."""

    id: str
    label: str
    when: str
    article: str | None
    remedy: str | None


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of the tariff as it was answered."""

    when: str | None
    amount: Scalar
    article: str | None


@dataclass(slots=True)
class Draft:
    """What an interview came to; `notes` say in words what codes mean, beside them."""

    policy: str = ""
    item_code: str = ""
    title: str = ""
    owner: str = ""
    summary: str | None = None
    basis: list[dict[str, Scalar]] = field(default_factory=list)
    subject: str = ""
    region: str = ""
    lane: str = ""
    benefit: str = ""
    valid_from: dt.date = dt.date.min
    valid_through: dt.date | None = None
    criteria: list[DraftCriterion] = field(default_factory=list)
    tariff: list[DraftLine] = field(default_factory=list)
    period: str = ""
    arrears: int | None = None
    grace: int | None = None
    pay: dict[str, Scalar] = field(default_factory=dict)
    contact: dict[str, Scalar] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def draft_text(draft: Draft) -> str:
    """Return a draft as the text of version 1, without examples."""
    head: dict[str, Scalar] = {
        "policy": draft.policy, "item_code": draft.item_code, "title": draft.title, "owner": draft.owner,
        "summary": draft.summary,
    }  # fmt: skip
    parts = [
        HEAD,
        *_lines(head, draft.notes),
        "basis:                     # 依据；certainty：S 有原文出处，K 待核对，I 推定\n",
    ]
    parts += [f"  - {_flow(each)}\n" for each in draft.basis]
    rule: dict[str, Scalar] = {
        "subject": draft.subject, "region": draft.region, "lane": draft.lane, "benefit": draft.benefit, "version": 1,
        "valid_from": draft.valid_from, "valid_through": draft.valid_through,
    }  # fmt: skip
    parts += _lines(rule, draft.notes)
    parts += ["criteria:                  # 须全部符合，按文件的顺序\n", *map(_criterion, draft.criteria)]
    if draft.tariff:
        parts += ["tariff:                    # 元；自上而下适用第一条符合的\n", *map(_line, draft.tariff)]
    parts += ["terms:\n", f"  period: {draft.period}\n", "  counts: any_day          # 期内任何一天符合即计发\n"]
    parts += (
        [] if draft.arrears is None else [f"  arrears: {{months: {draft.arrears}}}    # 首次认定最多向前补发的月数\n"]
    )
    parts += [] if draft.grace is None else [f"  grace: {{periods: {draft.grace}}}     # 数据待核期间照发的期数\n"]
    parts.append(f"  pay: {_flow(draft.pay)}\n")
    if draft.contact:
        parts.append(f"contact: {_flow(draft.contact)}\n")
    return "".join(parts)


def _lines(values: dict[str, Scalar], notes: dict[str, str]) -> list[str]:
    said = ((name, f"{name}: {written_scalar(value)}") for name, value in values.items() if value is not None)
    return [f"{line:<26} # {notes[name]}\n" if name in notes else f"{line}\n" for name, line in said]


def _criterion(each: DraftCriterion) -> str:
    item = {"id": each.id, "label": written_line(each.label), "when": written_line(each.when)}
    item |= {} if each.article is None else {"article": written_line(each.article)}
    return _block(item | ({"actionable": "false"} if each.remedy is None else {"remedy": written_line(each.remedy)}))


def _line(each: DraftLine) -> str:
    item = {} if each.when is None else {"when": written_line(each.when)}
    item["amount"] = written_line(each.amount) if isinstance(each.amount, str) else written_scalar(each.amount)
    return _block(item | ({} if each.article is None else {"article": written_line(each.article)}))


def _block(item: Item) -> str:
    marks: Sequence[str] = ["  - ", *["    "] * len(item)]
    return "".join(f"{mark}{key}: {value}\n" for mark, (key, value) in zip(marks, item.items(), strict=False))


def _flow(values: dict[str, Scalar]) -> str:
    return (
        "{" + ", ".join(f"{key}: {written_scalar(value)}" for key, value in values.items() if value is not None) + "}"
    )
