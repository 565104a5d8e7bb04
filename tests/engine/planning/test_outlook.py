"""Time alone: birthdays, cards that end, activations that begin; nothing is written, and nobody is told by a small count."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from core.errors import RunError
from engine.planning.disclosure import K_LEAST
from engine.planning.outlook import Outlook, Turn, look_ahead, write_turns
from tests.engine.planning.proposals import CARD, a_world
from tests.world import World, day


def _ahead(world: World, months: int = 4) -> Outlook:
    return look_ahead(world.deployment, day=day("2025-03-10"), months=months, progress=lambda _: None)


def _turns(world: World, seen: Outlook) -> set[tuple[str, str, str]]:
    names = {world.subject(who): who for who in "abcd"}
    rows = seen.turns.select("subject_id", "day", "turn").iter_rows()
    return {(names[subject], f"{on}", turn) for subject, on, turn in rows}


def test_a_card_that_ends(tmp_path: Path) -> None:
    """The card holds through 2025-04-20; from the day after its holder is met no longer, for the card has run out."""
    with a_world(tmp_path, cards="") as world:
        rows: list[Mapping[str, object]] = [{"who": "a", **CARD, "止": "2025-04-20"}, {"who": "b", **CARD}]
        world.deliver("cards", rows, on="2025-01-03")
        world.rule()

        seen = _ahead(world)

        assert _turns(world, seen) == {("a", "2025-04-21", "expires")}
    assert seen.turns["failing"].to_list() == [["c1"]]
    assert seen.turns.select("before_fen", "after_fen").row(0) == (15000, 0)


def test_birthdays(tmp_path: Path) -> None:
    """Somebody turns 60 in April and starts; somebody turns 70 in May and ends, by age and not by a card."""
    with a_world(tmp_path, cards="ab") as world:
        register = {"户籍": "310118", "起": "2000-01-01"}
        born = {"a": "1965-04-15", "b": "1955-05-02", "c": "1990-01-01"}
        world.deliver("register", [{"who": who, "出生": on} | register for who, on in born.items()], on="2025-01-04")
        world.rule(criteria="full_years(出生) >= 60; full_years(出生) < 70", example="{出生: 1960-01-01}")

        seen = _ahead(world)

        assert _turns(world, seen) == {("a", "2025-04-15", "starts"), ("b", "2025-05-02", "ends")}


def test_another_amount_and_a_lapse(tmp_path: Path) -> None:
    """A raise that stands for May alone: more from its first day, unknown after its last, for renewals come late."""
    with a_world(tmp_path, cards="a") as world:
        world.rule(through="2025-04-30")
        world.rule(version=2, amounts=200, stands_from="2025-05-01", through="2025-05-31", on="2025-01-05")

        seen = _ahead(world)

        assert _turns(world, seen) == {("a", "2025-05-01", "more"), ("a", "2025-06-01", "unknown")}


def test_data_do_not_become_stale_ahead(tmp_path: Path) -> None:
    """The list is fresh for 35 days; nobody is unknown in June because June's list is not here in March."""
    with a_world(tmp_path) as world:
        world.deliver("dibao", [{"who": "a"}], on="2025-03-01")
        world.rule(criteria="低保", example="{低保: true}")

        seen = _ahead(world)

    assert seen.turns.is_empty()


def test_counts_below_k_are_not_shown(tmp_path: Path) -> None:
    """One card ends: the month does not say so, nor does the total; the JSON names nobody."""
    with a_world(tmp_path, cards="") as world:
        world.deliver("cards", [{"who": "a", **CARD, "止": "2025-04-20"}], on="2025-01-03")
        world.rule()

        seen = _ahead(world)
        subject = world.subject("a")

    (policy,) = seen.policies
    assert {counts[Turn.EXPIRES] for counts in policy.months.values()} == {None}
    assert policy.totals[Turn.EXPIRES] is None
    tree = json.loads(seen.as_json())
    assert (tree["format_version"], tree["k_least"]) == (1, K_LEAST)
    assert subject not in seen.as_json()


def test_the_list_is_its_owners_alone(tmp_path: Path) -> None:
    """Every turn with its opaque id; a folder that is not there is a finding."""
    with a_world(tmp_path / "w", cards="") as world:
        world.deliver("cards", [{"who": "a", **CARD, "止": "2025-04-20"}], on="2025-01-03")
        world.rule()
        seen = _ahead(world)

        write_turns(seen, tmp_path / "turns.parquet")

        assert pl.read_parquet(tmp_path / "turns.parquet")["subject_id"].to_list() == [world.subject("a")]
    assert (tmp_path / "turns.parquet").stat().st_mode & 0o077 == 0
    with pytest.raises(RunError, match="E007"):
        write_turns(seen, tmp_path / "none" / "turns.parquet")
