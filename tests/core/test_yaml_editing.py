"""Changes to a YAML text change what they name, and no other byte."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.yaml_editing import YamlEditing, written_flow, written_list, written_scalar
from core.yaml_text import LINE_KEY, Scalar, parse_tree

TEXT = """\
# the file's own remark
title: '津贴'   # in its own quotes
parameters: {level_1: 350, level_2: "25万"}   # 元
tariff:
  # the first line
  - when: 等级 == 1   # one
    amount: level_1
  - {when: 等级 == 2, amount: level_2}

# the last remark
version: 1
examples:
- name: 一
  facts: {a: 1}
# the end
"""


def edited(text: str, *changes: tuple[Any, ...]) -> str:
    """Return a text after changes, each a method's name and its arguments."""
    editing = YamlEditing(text)
    for name, *arguments in changes:
        getattr(editing, name)(*arguments)
    return editing.text()


def test_nothing_is_changed_without_a_change() -> None:
    """The text comes back to the byte."""
    assert edited(TEXT) == TEXT


def test_a_value_keeps_its_comment() -> None:
    """Only the value's own signs are replaced, in a block, in a flow and in quotes."""
    changed = edited(
        TEXT, ("set", ("title",), "新"), ("set", ("parameters", "level_2"), '"30万"'), ("set", ("version",), "2")
    )

    assert changed == TEXT.replace("'津贴'", "新").replace('"25万"', '"30万"').replace("version: 1", "version: 2")


def test_items_are_added_where_they_are_wanted() -> None:
    """Before the first, between, and after the last, which comes before the comments that follow."""
    item = {"when": "等级 == 3", "amount": "9"}
    lines = "  - when: 等级 == 3\n    amount: 9\n"

    assert edited(TEXT, ("insert", ("tariff",), 0, [item])) == TEXT.replace(
        "  - when: 等级 == 1", f"{lines}  - when: 等级 == 1"
    )
    assert edited(TEXT, ("insert", ("tariff",), 1, [item])) == TEXT.replace("  - {when", f"{lines}  - {{when")
    assert edited(TEXT, ("insert", ("tariff",), 2, [item])) == TEXT.replace("level_2}\n\n", f"level_2}}\n{lines}\n")
    assert edited(TEXT, ("append", "examples", [{"name": "二"}])) == TEXT.replace("# the end", "- name: 二\n# the end")


def test_items_are_taken_out_with_their_lines() -> None:
    """What stands around them stays; of a list that becomes empty the brackets are left."""
    assert edited(TEXT, ("remove_all", ("tariff",), [1])) == TEXT.replace(
        "  - {when: 等级 == 2, amount: level_2}\n", ""
    )
    assert edited(TEXT, ("remove_all", ("parameters",), [0])) == TEXT.replace("level_1: 350, ", "")
    assert edited(TEXT, ("remove_all", ("parameters",), [1])) == TEXT.replace(', level_2: "25万"', "")
    assert "tariff:\n  # the first line\n  []\n" in edited(TEXT, ("remove_all", ("tariff",), [0, 1]))


def test_entries_are_added_to_a_mapping() -> None:
    """Into its brackets, or, where there is none, before another key."""
    editing = YamlEditing(TEXT)
    editing.put(("parameters",), {"level_3": "90"}, before="tariff")
    assert editing.text() == TEXT.replace('"25万"}', '"25万", level_3: 90}')
    bare = YamlEditing("a: 1\nb: 2\n")
    bare.put(("parameters",), {"x": "5%"}, before="b")
    assert bare.text() == "a: 1\nparameters:\n  x: 5%\nb: 2\n"


def test_keys_come_to_an_item_and_go() -> None:
    """The dash stays, whichever key goes; what comes stands below the others."""
    first = ("tariff", 0)

    assert edited(TEXT, ("drop", (*first, "when"))) == TEXT.replace("when: 等级 == 1   # one\n    ", "")
    assert edited(TEXT, ("drop", (*first, "amount"))) == TEXT.replace("    amount: level_1\n", "")
    assert edited(TEXT, ("put", first, {"article": "三"})) == TEXT.replace("level_1\n", "level_1\n    article: 三\n", 1)
    assert edited(TEXT, ("put", ("tariff", 1), {"article": "三"})) == TEXT.replace(
        "level_2}\n", "level_2, article: 三}\n"
    )


def test_line_ends_are_those_of_the_text() -> None:
    """A file from Windows stays one, with or without a last line end."""
    text = "a: 1\r\nexamples:\r\n  - name: 一"

    assert edited(text, ("append", "examples", [{"name": "二", "day": "1"}])) == (
        f"{text}\r\n  - name: 二\r\n    day: 1\r\n"
    )


@pytest.mark.parametrize(
    "text", ["a: 1\n", "a: 1\nexamples: []\n", "a: 1\nexamples:\n  - {name: 一}\n", "examples: [{name: 一}]\n"]
)
def test_a_list_is_begun_or_gone_on(text: str) -> None:
    """Whatever form the list has, the new item is its last."""
    tree = parse_tree(edited(text, ("append", "examples", [{"name": "二"}])), "t").tree

    assert [each["name"] for each in tree["examples"]][-1] == "二"


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.dates(), st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.sampled_from(["no", "true", "null", "0118", "2025-01-01", "a: b", "a #b", "-", "[x", "{", "", " x", "5%", "x,y"]),
)  # fmt: skip


@given(value=scalars)
def test_a_written_value_reads_back_as_itself(value: Scalar) -> None:
    """Quotes stand where they are needed: alone, in a list and in a mapping, as key and as value."""
    key = value if isinstance(value, str) else "k"
    text = f"alone: {written_scalar(value)}\nlist: {written_list([value, value])}\nflow: {written_flow({key: value})}\n"

    tree = parse_tree(text, "t").tree

    del tree["flow"][LINE_KEY]
    assert (tree["alone"], tree["list"], tree["flow"]) == (value, (value, value), {key: value})
    assert type(tree["alone"]) is type(value)


def test_values_are_written_plainly_where_they_can_be() -> None:
    """No quotes for their own sake."""
    written = [written_scalar(each) for each in ("一级", "310118", Decimal("0.50"), dt.date(2025, 7, 1), "a, b")]

    assert written == ["一级", '"310118"', "0.50", "2025-07-01", '"a, b"']


@given(count=st.integers(0, 40))
def test_a_long_mapping_is_folded_and_reads_the_same(count: int) -> None:
    """Lines break after commas outside quotes."""
    facts = {f"数据要素第{number}项": '逗号, 引号" 都在' for number in range(count)}
    text = edited("examples: []\n", ("append", "examples", [{"name": "x", "facts": written_flow(facts)}]))

    found = parse_tree(text, "t").tree["examples"][0]["facts"]

    assert {key: value for key, value in found.items() if key != LINE_KEY} == facts
    assert all(len(line) < 150 for line in text.splitlines())
