"""`mianshen cases …`: what an officer types from the night that finds it to the day it is settled."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import EXIT_DONE, EXIT_REFUSED, EXIT_USAGE
from store.vault_openings import read_openings
from tests.commands.terminal import Said, mianshen
from tests.engine.overpayments.stage import MONTHS, case, overpaid
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a workspace in which January is overpaid, as the one that commands work in."""
    made = overpaid(World.at(tmp_path / "w"), months=MONTHS[:1])
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(made.root))
    yield made
    made.store.close()


def cases(*words: object) -> Said:
    """Give words to `mianshen cases`."""
    return mianshen("cases", *words)


def test_from_telling_to_the_last_instalment(world: World) -> None:
    """Each command says what came of it, and the page of the case tells it all."""
    key = case(world).case_id
    decision = ("--reason", "已核实", "--basis", "某办法第三条")

    said = [
        cases("notify", key, "--by", "clerk"),
        cases("object", key, "--reason", "从未注销", "--by", "clerk"),
        cases("decide", key, "--confirm", *decision, "--by", "clerk"),
        cases("decide", key, "--confirm", *decision, "--by", "head"),
        cases("plan", key, "--months", 3, "--first", "2099-12-31", "--by", "clerk"),
        cases("recover", key, "--amount", "100.50", "--on", "2025-04-10", "--reference", "B1"),
        cases("recover", key, "--amount", "100.50", "--on", "2025-04-10", "--reference", "B1"),
        cases("waive", key, "--reason", "低保", "--basis", "某办法第九条", "--by", "clerk"),
        cases("grant", key, "--by", "head"),
    ]
    shown = cases("show", key)

    assert [each.code for each in said] == [EXIT_DONE, EXIT_DONE, EXIT_REFUSED, *[EXIT_DONE] * 6]
    assert "told of 150.00; objections through " in said[0].out
    assert "[E624]" in said[2].err
    assert "nothing is posted twice" in said[6].out
    assert said[7].out == f"{key}: 49.50 asked; other officers who grant it: 1\n"
    assert said[8].out == f"{key}: partly_recovered; outstanding 0.00\n"
    for words in ("多发 150.00 = 待追回 0.00 + 已追回 100.50 + 已核销或减免 49.50", "决定：确认", "某办法第三条", "B1"):
        assert words in shown.out
    assert cases("list").out == "没有案件 no case\n"
    assert "部分追回 partly_recovered" in cases("list", "--all").out


def test_set_off_where_no_rule_allows_it(world: World) -> None:
    """It is refused with its remedy; a reason and a basis are asked for."""
    key = case(world).case_id
    decision = ("--reason", "已核实", "--basis", "某办法第三条")
    cases("notify", key, "--by", "clerk")
    cases("object", key, "--reason", "从未注销", "--by", "clerk")
    cases("decide", key, "--confirm", *decision, "--by", "head")

    without, said = cases("set-off", key, "--reason", " ", "--basis", "某办法"), cases("set-off", key, *decision)

    assert (without.code, said.code) == (EXIT_REFUSED, EXIT_REFUSED)
    assert "[E620]" in without.err


def test_whom_to_speak_with(world: World) -> None:
    """It is sealed, and shown on request alone; who looked is recorded."""
    key = case(world).case_id
    cases("contact", key, "长子某甲，电话 13800001234")

    hidden, shown = cases("show", key), cases("show", key, "--contact", "--by", "reader")

    assert "某甲" not in hidden.out
    assert "联系人：长子某甲，电话 13800001234" in shown.out
    with world.store.reading() as rx:
        assert ("reader", "overpayment case", "contact") in read_openings(rx).select(
            "opened_by", "because", "fields"
        ).rows()
    assert b"13800001234" not in (world.root / "mianshen.db").read_bytes()


def test_the_list_for_the_department(world: World, tmp_path: Path) -> None:
    """A workbook with names; amounts are numbers, everything else is text."""
    said = cases("list", "--out", tmp_path / "cases.xlsx", "--by", "reader")

    rows = list(openpyxl.load_workbook(tmp_path / "cases.xlsx")["追回案件"].iter_rows(values_only=True))
    assert said.out.endswith(f"cases: 1 in {tmp_path / 'cases.xlsx'}\n")
    assert rows[1][:7] == (case(world).case_id, "care", "某a", world.subject("a"), "2025年1月", 150, 150)
    assert (tmp_path / "cases.xlsx").stat().st_mode & 0o077 == 0
    assert "[E007]" in cases("list", "--out", world.root / "mianshen.db" / "cases.xlsx").err


@pytest.mark.parametrize(
    "words",
    [
        ("recover", "c", "--amount", "1.234", "--on", "2025-04-10", "--reference", "B"),
        ("recover", "c", "--amount", "ten", "--on", "2025-04-10", "--reference", "B"),
        ("plan", "c"),
        ("plan", "c", "--months", "3", "--first", "2026-01-31", "--due", "2026-01-31=1"),
        ("plan", "c", "--due", "soon=1"),
    ],
)
@pytest.mark.usefixtures("world")
def test_words_that_nobody_understands(words: tuple[str, ...]) -> None:
    """They are refused with how to write them, before anything is read."""
    assert cases(*words).code == EXIT_USAGE


@pytest.mark.usefixtures("world")
def test_a_case_that_does_not_exist() -> None:
    """It says where every case stands."""
    assert "[E315]: no case is called `c_none`" in cases("show", "c_none").err
