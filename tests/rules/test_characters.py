"""Characters that a person cannot see, or cannot tell from others."""

import pytest

from rules.characters import check_characters
from rules.passages import Faults, Script


def told(text: str) -> list[str]:
    """Return what is said of a text."""
    faults = Faults(Script("rule.yaml", text))
    check_characters(text, faults)
    return [f"{each.place}: {each.message}" for each in faults.findings]


@pytest.mark.parametrize(
    "text",
    [
        "title: 重度残疾人护理补贴（2025年度）\r\nowner:\t区残联\r\n",
        "label: “满65周岁”，≥80%、≤5‰；〔2025〕5号，㎡、℃",
        "label: Ａ级（ＡＡＡＡＡ）旅行社，α地中海贫血，β受体",
        "name: 𠮷田、〇、镕、堃",
        "# Привет\n",
    ],
)
def test_what_people_write(text: str) -> None:
    """Full-width letters, Greek and rare characters have their place; a word of one alphabet is nobody's trap."""
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n标题：补\u200b贴", "rule.yaml:2: the line holds a character that does not show: U+200B ZERO WIDTH SPACE"),
        ("健\u202e在", "rule.yaml:1: the line holds a character that does not show: U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\x07b", "rule.yaml:1: the line holds a character that does not show: U+0007"),
        ("x\u3164", "rule.yaml:1: the line holds a character that does not show: U+3164 HANGUL FILLER"),
        ("\u2f08口", "rule.yaml:1: `\u2f08` is not the character that it looks like: U+2F08 KANGXI RADICAL MAN"),
        (
            "\uf92c",
            "rule.yaml:1: `\uf92c` is not the character that it looks like: U+F92C CJK COMPATIBILITY IDEOGRAPH-F92C",
        ),
        (
            "l\u0435vel",
            "rule.yaml:1: `l\u0435vel` mixes alphabets: U+0435 CYRILLIC SMALL LETTER IE looks like another letter",
        ),
    ],
)
def test_what_nobody_means(text: str, said: str) -> None:
    """Each with its line, its code point and its name."""
    assert told(text) == [said]
