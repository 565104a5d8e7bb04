from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from core.errors import RefusedError, RunError
from core.settings import Access
from engine.supervising.codes import SupervisionCode
from engine.supervising.points import PointResult, supervise, write_hits
from engine.supervising.points_file import Wrong, parse_points
from store.audit import last_entries
from tests.trial_world import LAST_NIGHT, trial_world
from tests.world import POLICY, World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
OLD = {"who": "c", "日期": "2024-06-01"}
POINTS = f"""points:
  - {{id: dead-paid, label: 死后仍领, finding: undeserved, subject: person, when: 死亡, paid: {POLICY}, over: 12}}
  - {{id: dead-listed, label: 死后有证, finding: record, subject: person, when: 死亡 and 有证}}
  - {{id: card-unpaid, label: 有证未领, finding: unserved, subject: person, when: 有证 and not 死亡, unpaid: {POLICY}}}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return three residents: two with cards, paid for January and February; the third died long ago and has none."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.deliver("deaths", [{"who": "c", "日期": "2024-06-01"}], on="2025-01-02")
    made.rule(criteria="有证; not 死亡", example="{有证: true, 死亡: false}", on="2025-01-03")
    made.deployment.workspace.supervision.mkdir()
    (made.deployment.workspace.supervision / "points.yaml").write_text(POINTS, "utf-8")
    made.night("2025-02-15", pays=True)
    yield made
    made.store.close()


def result(world: World, point: str, on: str) -> PointResult:
    """Return what one point came to."""
    (found,) = (each for each in supervise(world.deployment, day(on)).points if each.point == point)
    return found


def test_nothing_is_found_where_nothing_is_wrong(world: World) -> None:
    """Everyone lives, and everyone with a card has something opened for the month."""
    assert [each.subject_count for each in supervise(world.deployment, day("2025-02-16")).points] == [0, 0, 0]


def test_money_for_months_after_a_death_is_found(world: World) -> None:
    """January and February; not before the nights have looked are cases open, and then all of it is."""
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}, OLD], on="2025-03-01")

    found = result(world, "dead-paid", "2025-03-01")
    world.night("2025-03-01")
    claimed = result(world, "dead-paid", "2025-03-01")

    assert (found.wrong, found.subject_count, found.paid_fen, found.case_fen) == (Wrong.UNDESERVED, 1, 30_000, 0)
    assert (claimed.paid_fen, claimed.case_fen) == (30_000, 30_000)


def test_the_month_of_a_death_is_not_meant(world: World) -> None:
    """Who died on January 10 was paid for January by right: only February is found."""
    world.deliver("deaths", [{"who": "a", "日期": "2025-01-10"}, OLD], on="2025-03-01")

    report = supervise(world.deployment, day("2025-03-01"))

    assert report.hits.filter(pl.col("point") == "dead-paid").select("period", "paid_fen").rows() == [
        ("2025-02", 15_000)
    ]


def test_only_so_many_months_back(world: World) -> None:
    """With `over: 12`, a year later January 2025 is no longer asked about."""
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}, OLD], on="2025-03-01")

    assert result(world, "dead-paid", "2026-01-31").paid_fen == 30_000
    assert result(world, "dead-paid", "2026-02-01").paid_fen == 15_000


def test_a_list_that_the_facts_contradict_is_found(world: World) -> None:
    """A dead person's card is still in force."""
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}, OLD], on="2025-03-01")

    assert (
        result(world, "dead-listed", "2025-03-01").subject_count,
        result(world, "dead-listed", "2025-03-01").wrong,
    ) == (
        1,
        Wrong.RECORD,
    )


def test_who_has_nothing_opened_for_the_month_is_found(world: World) -> None:
    """Before the night of March has run, nobody has anything for March; after it, everybody with a card."""
    assert result(world, "card-unpaid", "2025-03-01").subject_count == 2

    world.night("2025-03-01")

    assert result(world, "card-unpaid", "2025-03-01").subject_count == 0


def test_who_they_are_goes_to_a_file_and_into_the_chain(world: World, tmp_path: Path) -> None:
    """Opaque ids, readable by the owner alone; who took the list is recorded."""
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}, OLD], on="2025-03-01")
    report, file = supervise(world.deployment, day("2025-03-01")), tmp_path / "who.csv"

    write_hits(world.deployment, report, file, by="inspector")

    assert world.subject("a") in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    with world.store.reading() as rx:
        (entry,) = last_entries(rx, 1, event="facts.read")
    assert (entry.done_by, entry.about) == ("inspector", "supervision points")


def test_the_list_of_ids_needs_a_role_where_roles_are_required(world: World, tmp_path: Path) -> None:
    """Counts are for everybody who may open the workspace; ids are not."""
    workspace = world.deployment.workspace
    settings = workspace.settings.model_copy(update={"access": Access(roles="required")})
    guarded = replace(world.deployment, workspace=replace(workspace, settings=settings))

    with pytest.raises(RefusedError):
        write_hits(guarded, supervise(guarded, day("2025-03-01")), tmp_path / "who.csv", by="nobody")
    assert not (tmp_path / "who.csv").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{id: x, label: x, finding: undeservd, subject: person, when: 死亡}", "`undeservd` is no finding"),
        ("{id: x, label: x, finding: record, subject: persons, when: 死亡}", "unknown kind of subject `persons`"),
        (
            "{id: x, label: x, finding: record, subject: person, when: 死亡, paid: a, unpaid: b}",
            "a point is about what",
        ),
        ("{id: x, label: x, finding: record, subject: person, when: 死亡, over: 0}", "expected 1 to 120 months"),
        ("{id: x, label: x, finding: record, subject: person, when: 等级}", "truth"),
        ("{id: x, label: x, finding: record, subject: person, when: 亡故}", "亡故"),
    ],
)
def test_a_slip_in_a_point_is_refused_with_its_line(world: World, tmp_path: Path, line: str, message: str) -> None:
    """Names are those of the catalogue, conditions are conditions."""
    file = tmp_path / "points.yaml"
    file.write_text(f"points:\n  - {line}\n", "utf-8")

    with pytest.raises(RunError) as refused:
        parse_points(file, world.deployment.catalogue)

    (finding,) = refused.value.findings
    assert finding.place.line == 2
    assert message in str(finding) or finding.code is not SupervisionCode.BAD_POINT


def test_two_points_have_two_names(world: World, tmp_path: Path) -> None:
    """The second one is refused."""
    file = tmp_path / "points.yaml"
    one = "  - {id: x, label: x, finding: record, subject: person, when: 死亡}\n"
    file.write_text("points:\n" + one * 2, "utf-8")

    with pytest.raises(RunError, match="two points are called `x`"):
        parse_points(file, world.deployment.catalogue)


def test_the_seven_points_are_shipped_and_run_on_a_district() -> None:
    """Anlong's seven, both ways; a death is found by each that asks about it, and no subject is in the JSON."""
    with trial_world().open() as deployment:
        report = supervise(deployment, LAST_NIGHT)

    assert [each.point for each in report.points] == [
        "alive-without-card", "dead-with-card", "expired-in-use", "nursing-without-card", "nursing-after-death",
        "living-without-card", "living-after-death",
    ]  # fmt: skip
    assert {each.wrong for each in report.points} == set(Wrong)
    assert "s_" not in report.as_json().replace("_s_", "")
    assert all(each.ready_fen + each.on_hold_fen + each.returned_fen + each.undeserved_fen for each in report.policies)
