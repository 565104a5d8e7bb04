"""What the catalogue says of the values that facts can have: limits, and facts that hang on one row."""

from typing import Any

import pytest

from core.yaml_text import LINE_KEY
from profiles.catalogue import Attribute, Catalogue
from profiles.row_facts import row_fact
from profiles.value_limits import NO_LIMITS, ValueLimits, value_limits

COLUMNS: list[dict[str, Any]] = [
    {"name": "证号", "type": "citizen_id", "role": "subject"},
    {"name": "等级", "type": "integer", "at_least": 1, "at_most": 4},
    {"name": "金额", "type": "money", "at_least": 0},
    {"name": "费率", "type": "decimal", "scale": 4, "at_most": 1},
    {"name": "类别", "type": "text", "values": ("智力", "多重")},
    {"name": "备注", "type": "text", "values": ("甲",), "optional": True},
    {"name": "单位", "type": "text"},
]
CARDS = {
    LINE_KEY: 1, "resource": "cards", "label": "证", "owner": "残联", "subject": "person", "kind": "spell",
    "refresh": "monthly", "fresh_days": 45, "columns": tuple({LINE_KEY: 1} | each for each in COLUMNS),
}  # fmt: skip


def attribute(value_type: str, source: dict[str, Any] | None = None, **more: Any) -> Attribute:  # noqa: ANN401  # fields
    """Return an attribute that is drawn from the cards, unless told otherwise."""
    sources = () if source is None else ({LINE_KEY: 1, "resource": "cards"} | source,)
    base = {LINE_KEY: 1, "code": "it", "label": "它", "subject": "person", "type": value_type, "sensitivity": 1}
    return Attribute.model_validate(base | {"sources": sources} | more)


def catalogue(*attributes: Attribute) -> Catalogue:
    """Return a catalogue with the cards."""
    return Catalogue.model_validate(
        {
            "kinds": {}, "resources": {"cards": CARDS}, "relations": {}, "fingerprint": "sample",
            "attributes": {each.code: each for each in attributes},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("drawn", "limits"),
    [
        (attribute("integer", {"column": "等级"}), (1, 4)),
        (attribute("integer", {"column": "等级"}, when_absent=0), (0, 4)),
        (attribute("integer", {"column": "等级", "values": {"9": 9}}), (1, 9)),
        (attribute("integer", {"column": "等级", "pick": "sum"}, when_absent=0), (0, None)),
        (attribute("integer", {"pick": "count"}), (0, None)),
        (attribute("money", {"column": "金额"}), (0, None)),
        (attribute("money", {"column": "金额", "pick": "sum"}), (0, None)),
        (attribute("decimal", {"column": "费率"}, scale=4), (None, 10_000)),
        (attribute("decimal", {"column": "费率", "pick": "sum"}, scale=4), NO_LIMITS),
        (attribute("text", {"column": "类别"}), NO_LIMITS),
        (attribute("integer"), NO_LIMITS),
    ],
)
def test_limits_of_a_number(drawn: Attribute, limits: tuple[int | None, int | None]) -> None:
    """Of the column, widened by the value of absence and by renamed values; a sum has only its floor."""
    assert value_limits(catalogue(drawn), drawn) == limits


def test_limits_with_several_sources() -> None:
    """Any source may give the value, so the widest limits count."""
    sources = [
        {LINE_KEY: 1, "resource": "cards", "column": "等级"},
        {LINE_KEY: 1, "resource": "cards", "pick": "count"},
    ]
    drawn = attribute("integer", sources=tuple(sources))

    assert value_limits(catalogue(drawn), drawn) == (0, None)


def test_limits_over_a_relation() -> None:
    """The largest level among relatives is a level; how many there are is no level."""
    level = attribute("integer", {"column": "等级"}, code="level", label="等级")
    via = {LINE_KEY: 1, "relation": "household", "attribute": "level", "pick": "max"}
    largest, counted = (
        attribute("integer", via=via),
        attribute("integer", via={**via, "attribute": None, "pick": "count"}),
    )

    assert value_limits(catalogue(level, largest), largest) == ValueLimits(1, 4)
    assert value_limits(catalogue(level, counted), counted) == ValueLimits(0, None)


def test_facts_of_one_row() -> None:
    """Validity and kind of a certificate hang on the same row; a row that is counted otherwise is another."""
    kind = attribute("text", {"column": "类别", "values": {"多重": None}}, values=("无", "智力"), when_absent="无")
    valid = attribute("bool", {"pick": "any"}, when_absent=False)
    other = attribute("bool", {"pick": "any", "where": {"类别": "智力"}}, when_absent=False)

    of_kind, of_valid, of_other = (row_fact(catalogue(each), each) for each in (kind, valid, other))

    assert of_kind is not None
    assert of_valid is not None
    assert of_other is not None
    assert (of_kind.values, of_kind.absent) == (("智力",), "无")
    assert (of_valid.is_presence, of_valid.absent) == (True, False)
    assert of_kind.row == of_valid.row != of_other.row


@pytest.mark.parametrize(
    "drawn",
    [
        attribute("text", {"column": "备注"}, when_absent="无"),
        attribute("integer", {"column": "等级", "pick": "sum"}, when_absent=0),
        attribute("bool", {"pick": "any"}, when_absent=False, lasting=True),
        attribute("bool", {"pick": "any"}),
        attribute("integer"),
    ],
)
def test_facts_of_no_one_row(drawn: Attribute) -> None:
    """An empty cell, a sum over rows, or what outlives its row: nothing is certain."""
    assert row_fact(catalogue(drawn), drawn) is None
