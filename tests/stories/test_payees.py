"""Stories of money that somebody else receives: a guardian, and nobody by a guess (P19)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.codes import DeliveryCode
from engine.report import NightReport
from store.batches import read_batches, read_lines
from tests.world import World

VOCABULARY = {
    "relations.yaml": """
relations:
  - {code: guardian, label: 监护人, subject: person, other: person, resource: guardians}
""",
    "resources/guardians.yaml": """
resource: guardians
label: 监护登记
owner: 民政
subject: person
kind: spell
refresh: irregular
fresh_days: 30
drop_most_percent: 100
other: person
columns:
  - {name: 号码, type: citizen_id, role: subject}
  - {name: 监护人, type: citizen_id, role: other}
  - {name: 起, type: date, role: valid_from}
""",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", VOCABULARY)
    made.people("abcdg")
    made.deliver(
        "cards",
        [{"who": who, "等级": 1, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"} for who in "abc"],
        on="2025-01-02",
    )
    wards = [("a", "g"), ("b", "g"), ("b", "d")]
    guardians(made, *wards)
    yield made
    made.store.close()


def guardians(world: World, *pairs: tuple[str, str], on: str = "2025-01-03") -> None:
    """Deliver who is whose guardian."""
    rows = [{"who": who, "监护人": f"@{other}", "起": "2020-01-01"} for who, other in pairs]
    world.deliver("guardians", rows, on=on)


def payee_rule(world: World, otherwise: str) -> None:
    """Publish a monthly benefit that guardians receive."""
    payee = f"payee: {{relation: 监护人, otherwise: {otherwise}}}"
    world.rule(terms=f"{{period: month, pay: {{calendar: monthly, day: 15}}, {payee}}}")


def receivers(world: World) -> list[str]:
    """Return who stands on the lines of all batches, by letter."""
    letters = {world.subject(letter): letter for letter in "abcdg"}
    with world.store.reading() as rx:
        lines = [line for batch in read_batches(rx) for line in read_lines(rx, batch.batch_id)["subject_id"]]
    return sorted(letters[each] for each in lines)


def unpaid(report: NightReport) -> int:
    """Return how many items were left open because nobody knows who receives."""
    return sum(each.count for each in report.findings if each.code is DeliveryCode.NO_PAYEE)


@pytest.mark.parametrize(("otherwise", "paid", "left"), [("hold", ["g"], 2), ("subject", ["c", "g"], 1)])
def test_a_guardian_receives(world: World, otherwise: str, paid: list[str], left: int) -> None:
    """One guardian receives; of two nobody is chosen; who has none receives only where the rule says so."""
    payee_rule(world, otherwise)
    report = world.night("2025-01-16")

    assert receivers(world) == paid
    assert unpaid(report) == left
    assert world.states("b") == {"2025-01": ["open"]}
    assert world.items("a") == {"2025-01": [150]}, "the money is the ward's"


def test_what_nobody_could_receive_is_paid_when_it_is_known(world: World) -> None:
    """The second guardian is corrected away: the next pay day collects what was left."""
    payee_rule(world, "hold")
    world.night("2025-01-16", pays=True)
    guardians(world, ("a", "g"), ("b", "d"), on="2025-02-01")
    report = world.night("2025-02-17")

    assert receivers(world) == ["d", "d", "g", "g"]
    assert unpaid(report) == 2, "January and February of c"


def test_a_register_that_has_gone_stale_pays_nobody(world: World) -> None:
    """Nobody may say who has no guardian by a register of last year, not even where the subject may receive."""
    payee_rule(world, "subject")
    report = world.night("2025-03-17")

    assert receivers(world) == []
    assert unpaid(report) == 9


def test_a_batch_written_late_is_for_the_same_receiver(world: World) -> None:
    """The files of a batch that were lost are written again with the guardian who was frozen, whoever it is by then."""
    payee_rule(world, "hold")
    world.night("2025-01-16")
    for path in world.deployment.workspace.payouts.rglob("*.*"):
        path.unlink()
    guardians(world, ("a", "d"), ("b", "d"), on="2025-01-17")
    world.night("2025-01-17")

    assert receivers(world) == ["g"]
    (written,) = world.deployment.workspace.payouts.rglob("*.csv")
    assert "某g" in written.read_text("utf-8-sig")
