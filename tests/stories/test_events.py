"""Stories of events that belong to somebody: loans by their own day, hires, corrected owners."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.explaining.checkup import check_up
from engine.explaining.explain import explain_subject, viewpoint_on
from store.grants import read_grants
from store.outbox import read_notices
from tests.world import World

LOAN = "loan-subsidy"

VOCABULARY = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: loan, label: 贷款, number: record_key, of: borrower}
""",
    "relations.yaml": """
relations:
  - {code: borrower, label: 借款人, subject: loan, other: person, resource: loans}
""",
    "resources/loans.yaml": """
resource: loans
label: 贷款台账
owner: 金融办
subject: loan
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
quarantine_most_percent: 100
other: person
columns:
  - {name: 贷款号, type: record_key, role: subject}
  - {name: 借款人, type: citizen_id, role: other, optional: true}
  - {name: 放款日, type: date, role: day}
  - {name: 金额, type: money}
""",
    "attributes/loan.yaml": """
attributes:
  - {code: lent_on, label: 放款日期, subject: loan, type: date, sensitivity: 2,
     sources: [{resource: loans, column: 放款日}], when_absent: unknown}
  - {code: sum, label: 贷款金额, subject: loan, type: money, sensitivity: 2,
     sources: [{resource: loans, column: 金额}], when_absent: unknown}
  - {code: borrower_card, label: 借款人有证, subject: loan, type: bool, sensitivity: 3,
     via: {relation: borrower, attribute: card, pick: latest}, when_absent: unknown}
""",
}
EVENT = "{period: event, version_by: 放款日期, pay: {calendar: monthly, day: 15}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", VOCABULARY)
    yield made
    made.store.close()


def loan(number: str, borrower: str | None, lent_on: str, yuan: int) -> dict[str, object]:
    """Return a row of the ledger of loans."""
    return {"贷款号": number, "借款人": f"@{borrower}" if borrower else None, "放款日": lent_on, "金额": yuan}


def loan_rule(
    world: World, version: int, cap: str, *, stands_from: str, on: str, criteria: str = "贷款金额 > 0"
) -> None:
    """Publish a version that pays 1 % of each loan up to a cap."""
    world.rule(
        policy=LOAN,
        subject="loan",
        version=version,
        criteria=criteria,
        amounts=f"min(贷款金额, {cap}) * 1%",
        example="{贷款金额: 1}",
        terms=EVENT,
        stands_from=stands_from,
        on=on,
    )


def grants(world: World) -> list[tuple[str, str, str]]:
    """Return subject, event and state of every grant."""
    with world.store.reading() as rx:
        return sorted(read_grants(rx).select("subject_id", "event", "state").iter_rows())


def notices(world: World, who: str) -> list[dict[str, object]]:
    """Return what somebody was told, newest first."""
    with world.store.reading() as rx:
        return [dict(each.notice.values) for each in read_notices(rx, subjects=[world.subject(who)])]


def only_version(world: World, criteria: str = "贷款金额 > 0", example: str = "{贷款金额: 1}") -> None:
    """Publish the one version of a story that is not about versions."""
    world.rule(
        policy=LOAN,
        subject="loan",
        criteria=criteria,
        amounts="贷款金额 * 1%",
        example=example,
        terms=EVENT,
    )


def test_a_loan_stays_under_the_rule_of_its_own_day(world: World) -> None:
    """Domain vector 9: 3 million lent 2025-12-20 is capped at 1 million, 12 million lent 2026-02-01 at 10 million.

    Both become known in 2026, when the version of 2026 stands.
    """
    world.people("ab")
    loan_rule(world, 1, "100万", stands_from="2025-01-01", on="2024-12-31")
    loan_rule(world, 2, "1000万", stands_from="2026-01-01", on="2025-12-31")
    world.night("2026-01-05")
    rows = [
        loan("D-1", "a", "2025-12-20", 3_000_000),
        loan("D-2", "a", "2026-02-01", 12_000_000),
        loan("D-3", "b", "2025-12-31", 12_000_000),
        loan("D-4", "b", "2024-12-31", 12_000_000),
    ]
    world.deliver("loans", rows, on="2026-02-02")
    report = world.night("2026-02-02", pays=True)

    assert sorted(world.items("a", policy=LOAN)["once"]) == [10_000, 100_000]
    assert world.items("b", policy=LOAN) == {"once": [10_000]}, "the rule of 2025 had not begun in 2024"
    assert [(subject, state) for subject, _, state in grants(world)] == sorted(
        [(world.subject("a"), "active")] * 2 + [(world.subject("b"), "active")]
    )
    assert len({event for _, event, _ in grants(world)}) == 3
    assert sum(batch.total_fen for batch in report.batches) == 120_000_00
    (told,) = notices(world, "a")
    assert told["title"] == "loan-subsidy（2025年12月20日的贷款、2026年2月1日的贷款）"


def test_the_facts_are_those_of_the_day_of_the_loan(world: World) -> None:
    """The borrower's card ran out before one loan and after the other; what holds today does not matter."""
    world.people("a")
    card = {"who": "a", "等级": 1, "发证": "2020-01-01", "起": "2020-01-01", "止": "2025-06-30"}
    world.deliver("cards", [card], on="2025-01-01")
    only_version(world, "借款人有证", "{贷款金额: 1, 借款人有证: true}")
    rows = [loan("D-1", "a", "2025-06-30", 10_000), loan("D-2", "a", "2025-07-01", 20_000)]
    world.deliver("loans", rows, on="2025-09-01")
    world.night("2025-09-01")

    assert world.items("a", policy=LOAN) == {"once": [100]}


def test_an_event_without_an_owner_is_unknown(world: World) -> None:
    """A loan whose borrower is not told is unknown and opens nothing; told later, it is paid."""
    world.people("a")
    only_version(world)
    world.deliver("loans", [loan("D-1", None, "2025-03-01", 10_000)], on="2025-03-02")
    (before,) = world.night("2025-03-02").policies
    world.deliver("loans", [loan("D-1", "a", "2025-03-01", 10_000)], on="2025-03-03")
    (after,) = world.night("2025-03-03").policies

    assert (before.met_count, before.unknown_count) == (0, 1)
    assert [(each.label, each.owner) for each in before.missing] == [("借款人", "金融办")]
    assert (after.met_count, after.unknown_count) == (1, 0)
    assert world.items("a", policy=LOAN) == {"once": [100]}


def test_an_owner_lost_again_claims_nothing(world: World) -> None:
    """A paid loan whose borrower is no longer told: nothing is claimed back that might be due."""
    world.people("a")
    only_version(world)
    world.deliver("loans", [loan("D-1", "a", "2025-03-01", 10_000)], on="2025-03-02")
    world.night("2025-03-02")
    world.night("2025-03-17", pays=True)
    world.deliver("loans", [loan("D-1", None, "2025-03-01", 10_000)], on="2025-03-18")
    world.night("2025-03-18")

    assert world.cases("a", policy=LOAN) == {}
    assert world.items("a", policy=LOAN) == {"once": [100]}


def test_a_loan_of_two_borrowers_is_nobodys(world: World) -> None:
    """Two rows name two borrowers: nobody may guess whom to pay."""
    world.people("ab")
    only_version(world)
    rows = [loan("D-1", "a", "2025-03-01", 10_000), loan("D-1", "b", "2025-03-01", 10_000)]
    world.deliver("loans", rows, on="2025-03-02")
    (tally,) = world.night("2025-03-02").policies

    assert (tally.met_count, tally.unknown_count) == (0, 1)
    assert grants(world) == []


def test_a_corrected_borrower_moves_the_money(world: World) -> None:
    """Paid to a, corrected to b: a case on a, and b is paid."""
    world.people("ab")
    only_version(world)
    world.deliver("loans", [loan("D-1", "a", "2025-03-01", 10_000)], on="2025-03-02")
    world.night("2025-03-02")
    world.night("2025-03-17", pays=True)
    world.deliver("loans", [loan("D-1", "b", "2025-03-01", 10_000)], on="2025-03-18")
    world.night("2025-03-18")

    assert world.cases("a", policy=LOAN) == {"once": 100}
    assert world.items("b", policy=LOAN) == {"once": [100]}


def test_a_borrower_with_a_corrected_number_keeps_one_grant(world: World) -> None:
    """The loan is paid under the former number; under the corrected one it is the same borrower's same loan."""
    world.people("a")
    only_version(world)
    world.deliver("loans", [loan("D-1", "a", "2025-03-01", 10_000)], on="2025-03-02")
    world.night("2025-03-02")
    world.night("2025-03-17", pays=True)
    correction = {"who": "b", "former": "a", "编号": "1", "操作": "新增", "日期": "2025-04-01"}
    world.deliver("corrections", [correction], on="2025-04-01")
    world.people("b", on="2025-04-02")
    world.deliver("loans", [loan("D-1", "b", "2025-03-01", 10_000)], on="2025-04-02")
    world.night("2025-04-03")

    assert len(grants(world)) == 1
    assert world.items("b", policy=LOAN) == {"once": [100]}
    assert world.cases("b", policy=LOAN) == {}


def test_nothing_changes_on_a_second_night(world: World) -> None:
    """The same night's facts again write nothing: an event has one grant and one payment."""
    world.people("a")
    only_version(world)
    world.deliver("loans", [loan("D-1", "a", "2025-03-01", 10_000)], on="2025-03-02")
    world.night("2025-03-02")
    (again,) = world.night("2025-03-03").policies

    assert (again.new_count, again.opened_count, again.ended_count) == (0, 0, 0)
    assert world.items("a", policy=LOAN) == {"once": [100]}


def test_the_owner_sees_each_event_by_itself(world: World) -> None:
    """Explained and on the page, a borrower's loans stand under their policy, each by the rule of its own day."""
    world.people("ab")
    loan_rule(world, 1, "100万", stands_from="2025-01-01", on="2024-12-31")
    loan_rule(world, 2, "1000万", stands_from="2026-01-01", on="2025-12-31")
    rows = [
        loan("D-1", "a", "2025-12-20", 3_000_000),
        loan("D-2", "a", "2026-02-01", 12_000_000),
        loan("D-3", "b", "2026-02-01", 500),
        loan("D-4", None, "2026-02-01", 700),
    ]
    world.deliver("loans", rows, on="2026-02-02")
    world.night("2026-02-02")

    told = explain_subject(world.deployment, world.number("a"))
    seen = {each.event: (each.version, each.outcome, each.amount) for each in told.examinations}
    assert seen == {
        "2025年12月20日的贷款": (1, "met", (10_000_00, 10_000_00)),
        "2026年2月1日的贷款": (2, "met", (100_000_00, 100_000_00)),
    }
    alone = explain_subject(world.deployment, "D-3")
    assert [(each.event, each.outcome) for each in alone.examinations] == [("2026年2月1日的贷款", "met")]
    (lost,) = explain_subject(world.deployment, "D-4").examinations
    assert (lost.outcome, [each.label for each in lost.missing]) == ("unknown", ["借款人"])
    with world.store.reading() as rx:
        viewpoint = viewpoint_on(rx, world.deployment, None)
        checkup = check_up(rx, viewpoint, kind="person", subject_id=world.subject("a"))
    (page,) = checkup.policies
    assert (page.group.value, page.waiting_fen) == ("已享", 110_000_00)
    assert {line.period for line in page.lines} == {"2025年12月20日的贷款", "2026年2月1日的贷款"}
    assert sorted((each.event, each.group.value, each.waiting_fen) for each in page.events) == [
        ("2025年12月20日的贷款", "已享", 10_000_00),
        ("2026年2月1日的贷款", "已享", 100_000_00),
    ]
