"""Budgets as a finance officer types them, and the workbook that comes out."""

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED, EXIT_USAGE
from store.moved import Moved
from store.states.funds import PotAccount
from tests.commands.terminal import Said
from tests.stories.typing_officers import say, typed_world
from tests.world import World

SET = ("budget", "set", "care", "2025")
DOCUMENT = ("--document", "财预〔2025〕1号", "--by")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world with a policy in force; the machine's clock is the story's."""
    with typed_world(tmp_path, monkeypatch) as made:
        yield made


def decision_of(said: Said) -> str:
    """Return the id of the decision that a command made."""
    found = re.search(r"d_\w+", said.out)
    assert found, said
    return found[0]


def appropriated(world: World, *amount: str) -> None:
    """Have two people set a budget."""
    said = say(world, *SET, *amount, *DOCUMENT, "甲")
    assert (said.code, say(world, "budget", "confirm", decision_of(said), "--by", "乙").code) == (EXIT_DONE, EXIT_DONE)


def test_two_people_set_a_budget(world: World) -> None:
    """It is in no book before another person has confirmed it; then everybody reads it."""
    proposed = say(world, *SET, "1.2万", *DOCUMENT, "甲")
    assert "提出" in say(world, "budget", "show").out
    assert "12,000.00 元  财预〔2025〕1号" in proposed.out

    own = say(world, "budget", "confirm", decision_of(proposed), "--by", "甲")
    other = say(world, "budget", "confirm", decision_of(proposed), "--by", "乙")

    assert (own.code, other.code) == (EXIT_REFUSED, EXIT_DONE)
    assert "E685" in own.err
    shown = say(world, "budget", "show", "care", "--year", "2025").out
    assert "12,000.00" in shown
    assert "已确认" in shown


@pytest.mark.parametrize("amount", ["一千万", "1.234", "-5", "1e7", ""])
def test_an_amount_that_is_none(world: World, amount: str) -> None:
    """A sum is written in yuan, to the fen; everything else is a slip."""
    assert say(world, *SET, *DOCUMENT, "甲", "--", amount).code == EXIT_USAGE


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("budget", "set", "crae", "2025", "5", "--document", "文"), "help: the nearest policy is `care`"),
        ((*SET, "5", "--purse", "中央", "--document", "文"), "no purse of it is called `中央`"),
        (("budget", "show", "crae"), "no policy with a budget or a published version is called `crae`"),
        (("budget", "confirm", "d_none"), "there is no decision `d_none`"),
        (("budget", "close", "2024", "--document", "文"), "no policy has an open year 2024"),
    ],
)
def test_names_that_nobody_has(world: World, words: tuple[str, ...], expected: str) -> None:
    """Each is refused with what was meant, or with where to look."""
    said = say(world, *words)

    assert said.code == EXIT_REFUSED
    assert expected in said.err


def test_a_proposal_is_taken_back(world: World) -> None:
    """Then the same may be proposed anew."""
    said = say(world, *SET, "5", *DOCUMENT, "甲")
    again = say(world, *SET, "6", *DOCUMENT, "丙")
    assert (again.code, "E686" in again.err) == (EXIT_REFUSED, True)

    withdrawn = say(world, "budget", "withdraw", decision_of(said), "--by", "甲")

    assert (withdrawn.code, say(world, *SET, "6", *DOCUMENT, "丙").code) == (EXIT_DONE, EXIT_DONE)


def test_a_year_is_closed_by_two(world: World) -> None:
    """What was under way goes on in the next year; the closed one takes nothing more."""
    appropriated(world, "100")
    with world.store.writing() as tx:
        way = (PotAccount.BUDGET, PotAccount.RESERVED)
        tx.moved.append(Moved("care", 2025, "全额", *way, 30_00, "b_1", "frozen"))
    world.clock.instant = world.clock.instant.replace(year=2026)

    said = say(world, "budget", "close", "2025", "--document", "决算", "--by", "甲")
    assert say(world, "budget", "confirm", decision_of(said), "--by", "乙").code == EXIT_DONE

    shown = say(world, "budget", "show").out
    assert "已关账" in shown
    assert say(world, *SET, "200", *DOCUMENT, "甲").code == EXIT_REFUSED
    assert say(world, "budget", "verify").out == "every pot is what its entries come to\n"


def test_the_books_as_a_workbook(world: World, tmp_path: Path) -> None:
    """Pots and entries, amounts as numbers, in yuan; the same bytes whenever it is written."""
    appropriated(world, "1234.56")
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"

    said = [say(world, "budget", "export", "--to", path) for path in (first, second)]

    assert said[0].out == f"{first}: 1 pots, 1 entries\n"
    assert first.read_bytes() == second.read_bytes()
    book = openpyxl.load_workbook(first)
    pots, entries = (list(book[name].iter_rows(values_only=True)) for name in ("资金", "分录"))
    assert dict(zip(*pots, strict=True))["指标"] == 1234.56
    assert entries[1][:9] == (
        "care", "2025", "全额", "1", "指标下达", "可用指标", 1234.56, "下达", decision_of(say(world, "budget", "show")),
    )  # fmt: skip


def test_books_that_somebody_changed(world: World) -> None:
    """The command ends with findings, and names the pot."""
    appropriated(world, "100")
    with world.store.writing() as tx:
        tx.connection.exec_driver_sql("update pot set granted_fen = -50, budget_fen = 50")

    said = say(world, "budget", "verify")

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert "care: error[E684]" in said.err


def test_nothing_yet(world: World) -> None:
    """A workspace without money says so."""
    assert say(world, "budget", "show").out == "no money was set aside, reserved or paid yet 尚无资金记录\n"
