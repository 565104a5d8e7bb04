"""Which expressions leave it to the reader whether `and` or `or` joins first."""

import pytest

from rules.brackets import is_mixed


@pytest.mark.parametrize(
    "text",
    [
        "甲 and 乙 or 丙",
        "甲 or 乙 and 丙",
        "not 甲 or 乙\n  and 丙",
        "(甲 or 乙 and 丙) and 丁",
        "max(1, (甲 and 乙 or 丙) ? 1 : 2) > 1",
        "甲 and 类别 in [1, 2] or 丙",
    ],
)
def test_what_can_be_read_two_ways_is_mixed(text: str) -> None:
    assert is_mixed(text)


@pytest.mark.parametrize(
    "text",
    [
        "甲 and 乙 and not 丙",
        "甲 or (乙 and 丙)",
        "(甲 or 乙) and (丙 or 丁)",
        '甲 and 名称 == "这 or 那"',
        "甲 and 名称 == “这 or 那”",
        "甲 and android or_else",
        "甲 or 乙 ? 丙 and 丁 : 戊 or 己",
        "",
        "350",
    ],
)
def test_what_is_bracketed_or_of_one_kind_is_not(text: str) -> None:
    """Words in quotation marks and parts of names join nothing; the branches of a choice are apart."""
    assert not is_mixed(text)
