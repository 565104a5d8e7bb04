import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator

from core.errors import ProfileError
from core.strict_yaml import Written, parse_yaml, read_yaml
from core.values import ValueType


class Item(Written):
    """One thing on a list."""

    name: str
    amount: int | Decimal = 0
    on: dt.date | None = None


class Order(Written):
    """A file with one of everything."""

    title: str
    kind: Literal["cash", "voucher"] = "cash"
    type: Annotated[ValueType, Field(strict=False)] = ValueType.TEXT
    open: bool = True
    items: tuple[Item, ...] = ()
    free: dict[str, int] = {}
    from_: Annotated[str | None, Field(alias="from")] = None

    @field_validator("title")
    @classmethod
    def _short(cls, title: str) -> str:
        if len(title) > 20:
            message = "expected at most 20 signs"
            raise ValueError(message)
        return title


def parse(text: str) -> Order:
    """Return a text as an order."""
    return parse_yaml(text, Order, error=ProfileError, name="order.yaml")


def faults(text: str) -> list[str]:
    """Return the findings about a text."""
    with pytest.raises(ProfileError) as error:
        parse(text)
    return [str(finding) for finding in error.value.findings]


def test_everything_is_read() -> None:
    """Numbers exactly, days as days, and each mapping knows its line."""
    order = parse(
        """
title: 甲
kind: voucher
type: money
open: false
from: 上海
items:
  - {name: a, amount: 0.10, on: 2025-07-01}
  - name: b
    amount: 1000
free: {x: 1, y: 2}
"""
    )

    assert order.items[0].amount == Decimal("0.10")
    assert str(order.items[0].amount) == "0.10"
    assert order.items[0].on == dt.date(2025, 7, 1)
    assert order.items[1].amount == 1000
    assert (order.from_, order.type, order.open) == ("上海", ValueType.MONEY, False)
    assert order.free == {"x": 1, "y": 2}
    assert [order.line, *(item.line for item in order.items)] == [2, 8, 9]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("title: x\n  y: z\n", "order.yaml:2: error[Y102]: not valid YAML"),
        ("title: a\ntitle: b\n", "order.yaml:2: error[Y103]: `title` stands twice"),
        ("title: &a x\n", "order.yaml:1: error[Y104]: anchors and aliases are not allowed"),
        ("title: x\nitems: *a\n", "order.yaml:2: error[Y104]: anchors and aliases are not allowed"),
        ("titel: x\n", "order.yaml:1: error[Y106]: unknown key `titel`"),
        ("kind: cash\n", "order.yaml:1: error[Y107]: the key `title` is missing"),
        ("title: 310118\n", "order.yaml:1: error[Y108]: `title`: expected a text"),
        ("title: x\nopen: yes\n", "order.yaml:2: error[Y108]: `open`: expected true or false"),
        ("title: x\nkind: cahs\n", "order.yaml:2: error[Y108]: `kind`: `cahs` is not one of `cash` or `voucher`"),
        ("title: x\nitems: {}\n", "order.yaml:2: error[Y108]: `items`: expected a list"),
        ("title: x\nitems: [1]\n", "order.yaml:2: error[Y108]: the first item of `items`: expected a mapping"),
        ("title: x\nitems:\n- {name: a}\n- {nam: b}\n", "order.yaml:4: error[Y106]: unknown key `nam`"),
        ("title: x\nitems:\n- {name: a, on: 2025-07-01 10:00:00}\n", "order.yaml:3: error[Y108]"),
        ("title: x\nfree: {a: b}\n", "order.yaml:2: error[Y108]: `a`: expected a whole number"),
        ("title: " + "x" * 21, "order.yaml:1: error[Y108]: `title`: expected at most 20 signs"),
        ("title: x\n---\ntitle: y\n", "order.yaml:2: error[Y102]: not valid YAML: a second document begins"),
        ("title: \x01\n", "order.yaml: error[Y102]: not valid YAML"),
        ("- 1\n", "order.yaml:1: error[Y108]: the file must be a mapping of keys to values"),
        ("", "order.yaml:1: error[Y108]: the file must be a mapping of keys to values"),
        ("title: !!python/object:os.system x\n", "order.yaml"),
        ("? [a, b]\n: x\n", "order.yaml"),
        ("title: 2025-13-45\n", "order.yaml"),
    ],
)
def test_faults(text: str, first: str) -> None:
    """Each fault has its line and the author's own word."""
    assert faults(text)[0].startswith(first)


def test_the_nearest_word_is_offered() -> None:
    """A slip of the pen is mended at a glance."""
    assert faults("titel: x\ntitle: y\n") == [
        "order.yaml:1: error[Y106]: unknown key `titel`\n  help: the nearest key is `title`"
    ]
    assert "the nearest word is `cash`" in faults("title: x\nkind: cahs\n")[0]


def test_a_number_where_a_text_belongs_is_shown_in_quotes() -> None:
    """Codes are texts: a leading zero matters."""
    assert 'help: put it in quotes: "310118"' in faults("title: 310118\n")[0]


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ("{id: card}", "`card` of `criteria`"),
        ("{code: card, label: 有证}", "`card` of `criteria`"),
        ("{label: 有证}", "the 12th item of `criteria`"),
    ],
)
def test_an_item_without_a_key_is_named_as_its_author_knows_it(item: str, named: str) -> None:
    """By its id, code or name, where it has one; else by its place, counted from one."""

    class Criterion(Written):
        id: str | None = None
        code: str | None = None
        label: str | None = None
        when: str

    class Rule(Written):
        criteria: tuple[Criterion, ...]

    text = "criteria:\n" + "- {when: x}\n" * 11 + f"- {item}\n"
    with pytest.raises(ProfileError) as error:
        parse_yaml(text, Rule, error=ProfileError, name="rule.yaml")

    assert str(error.value) == f"rule.yaml:13: error[Y107]: the key `when` is missing in {named}"


def test_all_faults_come_at_once() -> None:
    """Five faults in one go, not one per run."""
    found = faults("kind: x\nopen: 1\nfrom: 1\nitems: [{}]\nnone: 1\n")

    assert [line.split("[")[1].split("]")[0] for line in found] == ["Y107", "Y108", "Y108", "Y108", "Y107", "Y106"]


def test_what_is_too_large() -> None:
    """A file that cannot be a rule version is refused before it is read."""
    assert "Y105" in faults("title: " + "x" * 1_000_001)[0]
    assert "Y105" in faults("title: " + "[" * 25 + "]" * 25)[0]


def test_an_alias_bomb_costs_nothing() -> None:
    """Told from the first anchor, before anything is built."""
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))

    assert "Y104" in faults(bomb)[0]


def test_a_file(tmp_path: Path) -> None:
    """From disk, with or without a mark, under the name that a person knows."""
    path = tmp_path / "order.yaml"
    path.write_bytes("\ufefftitle: 甲\n".encode())
    assert read_yaml(path, Order, error=ProfileError).title == "甲"

    path.write_bytes("a: 1\ntitle: 甲\n".encode("gb18030"))
    with pytest.raises(ProfileError, match=r"order.yaml:2: error\[Y101\]: the file is not UTF-8"):
        read_yaml(path, Order, error=ProfileError, name="order.yaml")
    with pytest.raises(ProfileError, match=r"none: error\[Y101\]: the file cannot be read: No such file"):
        read_yaml(tmp_path / "none", Order, error=ProfileError, name="none")
