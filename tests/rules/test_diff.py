"""What changed between two versions, and what that does."""

import json

import pytest

from rules.diff import DifferenceKind, compare_versions
from rules.solving import NO_STEPS
from tests.rules.samples import version

LEVEL_1 = "level_1: 350"
SEVERE = '["智力", "精神"]'
TERMS = "period: month\n"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ([], DifferenceKind.TEXT_ONLY),
        ([("重度残疾人护理补贴", "重残护理补贴")], DifferenceKind.TEXT_ONLY),
        ([("level_1", "一级标准")], DifferenceKind.TEXT_ONLY),
        (
            [("version: 2", "version: 3"), ("valid_from: 2025-07-01", "valid_from: 2026-01-01")],
            DifferenceKind.TEXT_ONLY,
        ),
        ([("残疾等级 in [1, 2] or", "残疾等级 >= 1 and 残疾等级 < 3 or")], DifferenceKind.NEUTRAL),
        ([("amount: level_2", "amount: level_2 * 2 - 180")], DifferenceKind.NEUTRAL),
        ([(TERMS, TERMS + "  payer: 区财政局\n")], DifferenceKind.NEUTRAL),
        ([(LEVEL_1, "level_1: 400")], DifferenceKind.WIDENING),
        ([(SEVERE, '["智力", "精神", "肢体"]')], DifferenceKind.WIDENING),
        ([(TERMS, TERMS + "  grace: {periods: 2}\n")], DifferenceKind.WIDENING),
        ([(LEVEL_1, "level_1: 349.99")], DifferenceKind.NARROWING),
        ([(SEVERE, '["智力"]')], DifferenceKind.NARROWING),
        ([(SEVERE, '["智力"]'), (LEVEL_1, "level_1: 400")], DifferenceKind.MIXED),
        ([(LEVEL_1, "level_1: 400"), ("level_2: 180", "level_2: 100")], DifferenceKind.MIXED),
        ([(TERMS, "period: quarter\n")], DifferenceKind.OPEN),
        (
            [(TERMS, "period: quarter\n"), (LEVEL_1, "level_1: 400"), ("level_2: 180", "level_2: 1")],
            DifferenceKind.MIXED,
        ),
    ],
)
def test_the_kind(changes: list[tuple[str, str]], kind: DifferenceKind) -> None:
    """Spelling, numbers of versions and who pays move nobody; the other kinds are proved, or not claimed."""
    difference = compare_versions(version(), version(*changes))

    assert difference.kind is kind
    assert (kind is DifferenceKind.OPEN) <= bool(difference.open)


def test_witnesses() -> None:
    """Each is somebody for whom the two versions, in plain Python, say different things."""
    difference = compare_versions(version(), version((SEVERE, '["智力"]'), (LEVEL_1, "level_1: 400")))

    assert difference.effect is not None
    gainer, loser = difference.effect.gainer, difference.effect.loser
    assert gainer is not None
    assert loser is not None
    assert gainer.witness.facts["level"] == 1
    assert (gainer.before.amount_fen, gainer.after.amount_fen) == (35_000, 40_000)
    assert (loser.witness.facts["level"], loser.witness.facts["category"]) == (3, "精神")
    assert (loser.before.outcome, loser.after.outcome, loser.after.amount_fen) == (True, False, None)


def test_the_other_way_round_gains_are_losses() -> None:
    """Comparing back exchanges the sides."""
    one, other = version(), version((SEVERE, '["智力"]'))

    assert compare_versions(one, other).kind is DifferenceKind.NARROWING
    assert compare_versions(other, one).kind is DifferenceKind.WIDENING


def test_changes_in_words() -> None:
    """Criterion by criterion, parameter by parameter, line by line, term by term."""
    third = "  - {id: third, label: 丙, when: 家庭人数 >= 3}\n"
    changed = version(
        ("label: 本市户籍", "label: 上海户籍"), (LEVEL_1, "level_1: 400"), ("tariff:\n", f"{third}tariff:\n"),
        (TERMS, f"{TERMS}  grace: {{periods: 1}}\n"), ("owner: 区残联", "owner: 市残联"),
    )  # fmt: skip

    changes = {(each.section, each.name): each for each in compare_versions(version(), changed).changes}

    assert list(changes) == [
        ("criteria", "resident.label"),
        ("criteria", "third"),
        ("parameters", "level_1"),
        ("tariff", "main"),
        ("terms", "owner"),
        ("terms", "terms.grace.periods"),
    ]
    assert changes["criteria", "third"].before is None
    assert changes["criteria", "third"].after == "家庭人数不低于3人"
    assert (changes["parameters", "level_1"].before, changes["parameters", "level_1"].after) == ("350", "400")
    assert changes["tariff", "main"].after == "残疾等级为1：400"
    assert not changes["criteria", "resident.label"].decides


def test_what_is_not_decided_is_said() -> None:
    """Within no time nothing is claimed of who gains or loses."""
    difference = compare_versions(version(), version((LEVEL_1, "level_1: 400")), NO_STEPS)

    assert difference.kind is DifferenceKind.OPEN
    assert [each.split(":")[0] for each in difference.open] == ["whether somebody gains", "whether somebody loses"]


def test_json() -> None:
    """Programs read the same, with the version of the format."""
    told = json.loads(compare_versions(version(), version((LEVEL_1, "level_1: 400"))).as_json())

    assert (told["format_version"], told["kind"], told["loser"]) == (1, "widening", None)
    assert told["gainer"]["after"] == {"outcome": True, "amount_fen": 40_000}
    assert told["gainer"]["facts"]["level"] == 1
