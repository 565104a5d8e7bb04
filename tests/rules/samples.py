"""A small catalogue and a whole version to change one thing of."""

import datetime as dt
from decimal import Decimal
from typing import Any

from core.yaml_text import LINE_KEY
from profiles.catalogue import Attribute, Catalogue, SubjectKind
from rules.binding import Binder
from rules.bound import RuleVersion
from rules.passages import Passage, Script
from rules.reading import parse_version
from rules.tree import Kind, Node
from rules.vocabulary import Vocabulary


def attribute(code: str, label: str, value_type: str, **more: Any) -> Attribute:  # noqa: ANN401  # fields of Attribute
    """Return an attribute of a person, unless told otherwise."""
    fields = {LINE_KEY: 1, "code": code, "label": label, "type": value_type, "subject": "person", "sensitivity": 2}
    return Attribute.model_validate(fields | more)


ATTRIBUTES = [
    attribute("hukou_region", "户籍区划", "region"),
    attribute("card_status", "残疾证状态", "text", values=("有效", "冻结", "注销")),
    attribute("former_status", "原残疾证状态", "text", values=("有效", "过期")),
    attribute("level", "残疾等级", "integer"),
    attribute("category", "残疾类别", "text", values=("肢体", "智力", "精神")),
    attribute("school", "学校", "text"),
    attribute("is_tekun", "特困供养", "bool"),
    attribute("is_nursed", "工伤护理费", "bool"),
    attribute("born_on", "出生日期", "date"),
    attribute("issued_on", "发证日期", "date"),
    attribute("income_month", "家庭月收入", "money", unit="元"),
    attribute("household_size", "家庭人数", "integer", unit="人"),
    attribute("rate", "费率", "decimal", scale=4),
    attribute("industry", "行业代码", "industry"),
    attribute("revenue_year", "营业收入", "money", subject="enterprise"),
]

CATALOGUE = Catalogue.model_validate(
    {
        "kinds": {
            code: SubjectKind.model_validate({LINE_KEY: 1, "code": code, "label": label, "number": number})
            for code, label, number in (("person", "自然人", "citizen_id"), ("enterprise", "企业", "uscc"))
        },
        "resources": {},
        "attributes": {each.code: each for each in ATTRIBUTES},
        "relations": {},
        "fingerprint": "sample",
    }
)

DAY = dt.date(2025, 8, 1)
"""The day that is asked about where no other matters."""

VERSION = """\
policy: nursing
item_code: "310118-CL-0007"
title: 重度残疾人护理补贴
owner: 区残联
basis:
  - {doc: 沪民残福发〔2025〕5号, certainty: S}
subject: person
region: "310118"
lane: automatic
benefit: cash
version: 2
valid_from: 2025-07-01
parameters: {level_1: 350, level_2: 180}
criteria:
  - id: resident
    label: 本市户籍
    when: within(户籍区划, "31")
  - id: severe
    label: 一级、二级，或三级智力、精神残疾
    when: 残疾等级 in [1, 2] or (残疾等级 == 3 and 残疾类别 in ["智力", "精神"])
tariff:
  - when: 残疾等级 == 1
    amount: level_1
  - when: 残疾等级 in [2, 3]
    amount: level_2
terms:
  period: month
  pay: {calendar: monthly, day: 15}
examples:
  - name: 一级
    day: 2025-08-01
    facts: {户籍区划: "310118", 残疾等级: 1}
    expect: {outcome: met, amount: 350}
"""


def version(*changes: tuple[str, str]) -> RuleVersion:
    """Return the sample version with some texts replaced."""
    return parse_version(version_text(*changes), CATALOGUE, "policies/nursing/2.yaml")


def version_text(*changes: tuple[str, str]) -> str:
    """Return the text of the sample version with some texts replaced."""
    text = VERSION
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


def bind(text: str, kind: Kind | None = None, **parameters: str | int | Decimal) -> Node:
    """Return the tree of an expression that has no fault."""
    node, binder = _bound(text, kind, parameters)
    assert not binder.findings, binder.findings
    assert node is not None
    return node


def faults(text: str, kind: Kind | None = None, **parameters: str | int | Decimal) -> list[str]:
    """Return what is wrong with an expression, as it is printed."""
    _, binder = _bound(text, kind, parameters)
    return [str(finding) for finding in binder.findings]


def bind_if_right(text: str, kind: Kind) -> Node | None:
    """Return the tree of an expression, or None where it has a fault."""
    return _bound(text, kind, {})[0]


def _bound(text: str, kind: Kind | None, parameters: dict[str, str | int | Decimal]) -> tuple[Node | None, Binder]:
    script = Script("rule", "")
    passages = {name: Passage(str(value), script) for name, value in parameters.items()}
    binder = Binder(Vocabulary.of(CATALOGUE, "person", parameters), passages)
    return binder.bind(Passage(text, script), kind), binder
