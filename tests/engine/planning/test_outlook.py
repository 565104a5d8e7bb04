"""Time alone: birthdays, cards that end, activations that begin; nothing is written, and nobody is told by a small count."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from core.errors import RunError
from engine.planning.disclosure import K_LEAST
from engine.planning.outlook import Outlook, look_ahead, write_turns
from engine.planning.turns import Turn
from tests.engine.planning.proposals import CARD, a_world
from tests.stories.test_events import VOCABULARY
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


@pytest.fixture
def loans(tmp_path: Path) -> Iterator[World]:
    """Give a world whose loans are decided on their own day: one paid out already, one to be paid out in April."""
    spells = (
        VOCABULARY["resources/loans.yaml"]
        .replace("kind: event", "kind: spell")
        .replace(", role: day", ", optional: true")
    )
    begun = "  - {name: 起, type: date, role: valid_from}\n"
    world = World.at(tmp_path / "loans", VOCABULARY | {"resources/loans.yaml": spells + begun})
    world.people("ab")
    yield world
    world.store.close()


def _by_number(seen: Outlook) -> list[tuple[str, str, int]]:
    return [(f"{day}", turn, after) for day, turn, after in seen.turns.select("day", "turn", "after_fen").iter_rows()]


def test_the_day_of_an_event_comes(loans: World) -> None:
    """A loan whose day is recorded ahead is met from that day on, under the version that stands on it; one of March stays."""
    loans.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    loans.deliver("loans", [_dated("D-1", "a", "2025-03-01"), _dated("D-2", "a", "2025-04-15")], on="2025-03-02")
    _loan_rule(loans, "贷款金额 > 0", "{贷款金额: 1}")
    _loan_rule(loans, "贷款金额 > 0", "{贷款金额: 1}", version=2, rate="2%", stands_from="2025-04-01")

    assert _by_number(_ahead(loans)) == [("2025-04-15", "starts", 20000)]


def test_an_event_whose_day_nobody_knows_does_not_turn(loans: World) -> None:
    """It is unknown on every day, under a rule that goes by its own day's facts and under one that takes the latest."""
    loans.deliver("loans", [_dated("D-1", "a", "2025-03-01") | {"放款日": None}], on="2025-03-02")
    for version, facts in ((1, ""), (2, ", facts: latest")):
        _loan_rule(
            loans, "贷款金额 > 0", "{贷款金额: 1}", version=version, facts=facts, stands_from=f"2025-0{version}-01"
        )

        assert _ahead(loans).turns.is_empty()


def test_a_loan_without_a_borrower_does_not_turn(loans: World) -> None:
    """Whose it is nobody knows, so it stays unknown when its day comes."""
    loans.deliver("loans", [_dated("D-1", "a", "2025-04-15") | {"借款人": None}], on="2025-03-02")
    _loan_rule(loans, "贷款金额 > 0", "{贷款金额: 1}")

    assert _ahead(loans).turns.is_empty()


def test_what_an_event_is_judged_by_stays_as_on_its_day(loans: World) -> None:
    """The card ends in April: a loan of March was judged by the card of its own day, and goes on."""
    loans.deliver("cards", [{"who": "a", **CARD, "止": "2025-04-20"}], on="2025-01-02")
    loans.deliver("loans", [_dated("D-1", "a", "2025-03-01")], on="2025-03-02")
    _loan_rule(loans, "借款人有证", "{借款人有证: true}")

    assert _ahead(loans).turns.is_empty()


def test_what_became_of_an_event_moves_on(loans: World) -> None:
    """By today's facts, the card that ends in April ends what the loan is worth, and why is told."""
    loans.deliver("cards", [{"who": "a", **CARD, "止": "2025-04-20"}], on="2025-01-02")
    loans.deliver("loans", [_dated("D-1", "a", "2025-03-01")], on="2025-03-02")
    _loan_rule(loans, "借款人有证", "{借款人有证: true}", facts=", facts: latest")

    seen = _ahead(loans)

    assert _by_number(seen) == [("2025-04-21", "ends", 0)]
    assert seen.turns["failing"].to_list() == [["c1"]]


def _dated(number: str, borrower: str, on: str) -> dict[str, object]:
    return {"贷款号": number, "借款人": f"@{borrower}", "放款日": on, "金额": 10_000, "起": "2025-01-01"}


def _loan_rule(
    world: World,
    criteria: str,
    example: str,
    *,
    version: int = 1,
    rate: str = "1%",
    facts: str = "",
    stands_from: str = "2025-01-01",
) -> None:
    world.rule(
        policy="loans",
        subject="loan",
        version=version,
        criteria=criteria,
        amounts=f"贷款金额 * {rate}",
        example=example,
        terms=f"{{period: event, version_by: 放款日期{facts}, pay: {{calendar: monthly, day: 15}}}}",
        stands_from=stands_from,
    )
