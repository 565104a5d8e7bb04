"""A real case becomes a worked example; the look at it is recorded, and nobody is named."""

from pathlib import Path

import pytest

from core.errors import RefusedError
from engine.authoring.casework import WorkedCase, add_case, work_case
from rules.examples import run_examples
from rules.reading import parse_version
from store.vault_openings import read_openings
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2025-06-30"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a world in which `a` has a card until the end of June, and a draft that pays for grown-ups with one."""
    made = World.at(tmp_path / "w")
    made.people("ab", 出生="1987-03-17", 户籍="310118001005")
    made.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    made.rule(on="2025-01-03")
    text = made.published_text().replace("version: 1", "version: 2")
    text = text.replace("when: '有证'", "when: '有证 and full_years(出生) >= 18 and within(户籍, \"310118\")'")
    text = text.replace("{有证: true}", '{有证: true, 出生: 1980-01-01, 户籍: "310118"}')
    (made.root / "policies" / "care2.yaml").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    return made


def case_of(world: World, who: str, on: str) -> WorkedCase:
    """Return somebody's case on a day, for the draft."""
    return work_case(world.deployment, world.number(who), "care", on=day(on), name=None, by="officer")


def test_a_case_is_what_the_version_reads_on_the_day(world: World) -> None:
    """The card is valid in June and not in July; nothing of the person is left."""
    june, july = case_of(world, "a", "2025-06-30"), case_of(world, "a", "2025-07-01")

    assert june.block == (
        "  - name: 实际情形（已脱敏）：符合\n    day: 2025-06-30\n"
        '    facts: {有证: true, 出生: 1980-01-01, 户籍: "310118"}\n'
        "    expect: {outcome: met, amount: 150}\n"
    )
    assert "有证: false" in july.block
    assert "expect: {outcome: not_met, failing: [c1]}" in july.block
    assert june.coarsened == ("出生", "户籍")
    for word in ("1987-03-17", "310118001005", world.number("a"), world.subject("a"), "某a"):
        assert word not in june.block


def test_the_look_is_recorded(world: World) -> None:
    """Who looked, at what and why; as for every opening of the vault."""
    case_of(world, "a", "2025-06-30")

    with world.store.reading() as rx:
        (row,) = read_openings(rx).iter_rows(named=True)

    assert (row["opened_by"], row["because"], row["subject_count"]) == ("officer", "worked example of care 2", 1)
    assert row["fields"] == "born,card,region"


def test_an_example_is_appended_and_nothing_else_changes(world: World) -> None:
    """Byte for byte, with the line ends and the mark that the file has; two of one case have two names."""
    path = world.root / "policies" / "care2.yaml"
    before = path.read_bytes()

    assert add_case(world.deployment, case_of(world, "a", "2025-06-30")) == path
    add_case(world.deployment, case_of(world, "b", "2025-06-30"))
    add_case(world.deployment, case_of(world, "b", "2025-05-31"))

    after = path.read_bytes()
    assert after.startswith(before.rstrip())
    assert after.count(b"\n") == after.count(b"\r\n")
    draft = parse_version(after.decode("utf-8-sig"), world.deployment.catalogue, "care2")
    assert [each.name for each in draft.written.examples][1:] == [
        "实际情形（已脱敏）：符合", "实际情形（已脱敏）：不符合", "实际情形（已脱敏）：不符合（2）",
    ]  # fmt: skip
    assert run_examples(draft) == []


def test_a_file_that_changed_meanwhile_is_left_alone(world: World) -> None:
    """What somebody saves in between is not lost."""
    path = world.root / "policies" / "care2.yaml"
    case = case_of(world, "a", "2025-06-30")
    path.write_bytes(path.read_bytes() + b"# mine\r\n")
    before = path.read_bytes()

    with pytest.raises(RefusedError) as refused:
        add_case(world.deployment, case)

    assert "R604" in str(refused.value)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["care2.yaml"]


def test_a_published_version_takes_no_example(world: World) -> None:
    """Its text stands for ever; a case may still be looked at."""
    (world.root / "policies" / "care1.yaml").write_text(world.published_text(), "utf-8")
    case = work_case(world.deployment, world.subject("a"), "care", 1, on=day("2025-06-30"), name="样例", by="officer")

    with pytest.raises(RefusedError) as refused:
        add_case(world.deployment, case)

    assert "R603" in str(refused.value)
    assert case.block.startswith("  - name: 样例\n")
