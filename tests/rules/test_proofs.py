"""What is proved of a version: criteria against each other, tariff lines against the criteria."""

import pytest

from rules.checks import check_version
from rules.codes import RuleCode
from rules.solving import NO_STEPS
from tests.rules.samples import version

SEVERE = 'when: 残疾等级 in [1, 2] or (残疾等级 == 3 and 残疾类别 in ["智力", "精神"])'
RESIDENT = 'when: within(户籍区划, "31")'
LINE_1 = "  - when: 残疾等级 == 1\n    amount: level_1\n"
LINE_2 = "  - when: 残疾等级 in [2, 3]\n    amount: level_2\n"

PROVED = {
    RuleCode.CONSTANT_CRITERION,
    RuleCode.CONTRADICTION,
    RuleCode.IMPLIED_CRITERION,
    RuleCode.REPEATED_CRITERION,
    RuleCode.UNREACHABLE_LINE,
    RuleCode.TARIFF_GAP,
    RuleCode.LINES_TOUCH,
    RuleCode.NOT_DECIDED,
}


def proved(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Return code and message of what is proved of the sample with some texts replaced."""
    findings = check_version(version(*changes))
    return [(finding.code.name, finding.message) for finding in findings if finding.code in PROVED]


def test_a_sound_version() -> None:
    """Nothing is said of a version in which every criterion and every line does something."""
    assert proved() == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("残疾等级 == 4", "nobody can meet `resident` and `severe` together"),
        ("残疾等级 > 5 and 残疾等级 < 3", "the criterion `resident` is never true"),
        ("家庭人数 * 2 > 8 and 家庭人数 < 4", "the criterion `resident` is never true"),
        ('within(户籍区划, "31") and 残疾等级 >= 5', "nobody can meet `resident` and `severe` together"),
        ('残疾类别 == "肢体" and 残疾等级 == 3', "nobody can meet `resident` and `severe` together"),
        (
            "full_years(出生日期) >= 18 and 出生日期 > day() - 30",
            "the criterion `resident` is never true",
        ),
    ],
)
def test_nobody_could_be_entitled(when: str, said: str) -> None:
    """A contradiction names the criteria that make it, and nothing else is said."""
    assert [message for _, message in proved((RESIDENT, f"when: '{when}'"))] == [said]


@pytest.mark.parametrize(
    ("when", "name", "said"),
    [
        ("残疾等级 > 0 or 残疾等级 <= 0", "CONSTANT_CRITERION", "the criterion `resident` is always true"),
        ("残疾等级 >= 1", "IMPLIED_CRITERION", "the criterion `resident` holds for everyone who meets `severe`"),
        (
            '残疾等级 in [2, 1] or (not 残疾类别 == "肢体" and 残疾等级 == 3)',
            "REPEATED_CRITERION",
            "the criteria `resident` and `severe` say the same",
        ),
    ],
)
def test_a_criterion_that_says_nothing(when: str, name: str, said: str) -> None:
    """Always true, true for everyone who meets another, or another in other words."""
    assert proved((RESIDENT, f"when: '{when}'")) == [(name, said)]


def test_implied_by_several() -> None:
    """Two criteria together may make a third one needless; each of them alone does not."""
    third = "  - {id: third, label: 丙, when: 残疾等级 + 家庭人数 >= 4}\n"

    said = proved((RESIDENT, "when: 家庭人数 >= 3"), ("tariff:\n", f"{third}tariff:\n"))

    assert said == [("IMPLIED_CRITERION", "the criterion `third` holds for everyone who meets `resident` and `severe`")]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            LINE_1 + LINE_2 + "  - when: 残疾等级 <= 3\n    amount: 1\n",
            "line 3 is never reached: line 1 and line 2 take everyone in it who meets `severe`",
        ),
        (
            "  - when: 残疾等级 <= 2\n    amount: 1\n  - when: 残疾等级 == 1\n    amount: 2\n  - amount: 3\n",
            "line 2 is never reached: line 1 takes everyone in it",
        ),
        (LINE_1 + "  - amount: 2\n" + LINE_2, "line 3 is never reached: line 2 takes everyone"),
        (
            LINE_1 + LINE_2 + "  - when: 残疾等级 == 4\n    amount: 0\n",
            "line 3 is never reached: nobody who meets `severe` is in it",
        ),
        (
            LINE_1 + LINE_2 + "  - amount: 0\n",
            "line 3 is never reached: line 1 and line 2 take everyone who meets `severe`",
        ),
        (
            "  - when: 残疾等级 < 0 and 残疾等级 > 9\n    amount: 1\n  - amount: 2\n",
            "line 1 is never reached: its condition is never true",
        ),
    ],
)
def test_a_line_that_is_never_reached(lines: str, said: str) -> None:
    """Earlier lines together, or the criteria, leave nobody for it."""
    assert proved((LINE_1 + LINE_2, lines)) == [("UNREACHABLE_LINE", said)]


def test_a_gap_in_the_tariff() -> None:
    """Somebody who meets the criteria has no line; the profile is shown as an example would write it."""
    said = proved((LINE_2, "  - when: 残疾等级 == 2\n    amount: level_2\n"))

    assert [name for name, _ in said] == ["TARIFF_GAP"]
    assert "残疾等级: 3, 残疾类别: 智力}" in said[0][1]


def test_a_gap_beyond_the_criteria_is_none() -> None:
    """Nobody misses a line for people who are not entitled."""
    assert (
        proved((SEVERE, "when: 残疾等级 in [1, 2]"), (LINE_2, "  - when: 残疾等级 == 2\n    amount: level_2\n")) == []
    )


def test_a_gap_in_a_component() -> None:
    """Each component is a tariff of its own."""
    said = proved((LINE_2, LINE_2 + "  - {component: 交通, when: 残疾等级 == 1, amount: 20}\n"))

    assert [name for name, _ in said] == ["TARIFF_GAP"]
    assert "no line of `交通` applies" in said[0][1]


def test_lines_that_share_a_threshold() -> None:
    """The boundary belongs to one line; lines that overlap further are ordered on purpose, and equal amounts do not matter."""
    touching = "  - when: 家庭人数 <= 3\n    amount: 1\n  - when: 家庭人数 >= 3\n    amount: 2\n"

    assert proved((LINE_1 + LINE_2, touching)) == [
        ("LINES_TOUCH", "line 1 and line 2 both apply at `家庭人数 == 3`, and line 1 is taken")
    ]
    assert proved((LINE_1 + LINE_2, touching.replace(">= 3", "> 3"))) == []
    assert proved((LINE_1 + LINE_2, touching.replace(">= 3", ">= 2"))) == []
    assert proved((LINE_1 + LINE_2, touching.replace("amount: 2", "amount: 1"))) == []


def test_waived_criteria_do_not_shield_the_tariff() -> None:
    """Backdated months are asked without them, so a line for those who fail them is reached."""
    backdate = "terms:\n  backdate: {from: 发证日期, months: 3, waives: [severe]}\n"

    said = proved(("terms:\n", backdate))

    assert [name for name, _ in said] == ["TARIFF_GAP"]


def test_days_count_as_written() -> None:
    """A condition on the day is judged on the days for which the version is written."""
    assert proved((RESIDENT, 'when: day() >= d"2025-07-01"')) == [
        ("CONSTANT_CRITERION", "the criterion `resident` is always true")
    ]
    assert proved((RESIDENT, 'when: day() < d"2026-01-01"')) == []


def test_not_decided_is_said() -> None:
    """Within no time nothing is decided, and nothing is claimed."""
    findings = [each for each in check_version(version(), NO_STEPS) if each.code in PROVED]

    assert [finding.code for finding in findings] == [RuleCode.NOT_DECIDED]
    assert not findings[0].is_error
    assert "whether anybody can meet all criteria" in findings[0].message
