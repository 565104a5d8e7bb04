"""Findings on an English page are English: sentences, days, departments; somebody's own words stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Finding, Place
from core.languages import Language
from pages.language.departments import LEVELS, OFFICES
from pages.language.sentences import as_sentences
from pages.language.translating import words_in
from profiles.codes import ProfileCode

ENGLISH = words_in(Language.ENGLISH)


def said(text: str, remedy: str | None = None) -> Finding:
    """Return a finding as the page says it."""
    (found,) = as_sentences([Finding(ProfileCode.STALE, Place("x"), text, remedy)], ENGLISH)
    return found


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ("ask 区民政局", "Ask the District Civil Affairs Bureau (区民政局)."),
        ("区税务局 and 市公安局 know", "The District Tax Bureau (区税务局) and the Municipal Public Security Bureau (市公安局) know."),
        ("ask 某某办公室; then wait", "Ask 某某办公室; then wait."),
        ("stale since 2025-10-01", "Stale since Oct 1, 2025."),
        ("on 2025-13-01 or 12025-10-01", "On 2025-13-01 or 12025-10-01."),
        ("`区民政局` and `2025-10-01` are names", "`区民政局` and `2025-10-01` are names."),
        ("is it so?", "Is it so?"),
        ("an unclosed ` 区民政局", "An unclosed ` the District Civil Affairs Bureau (区民政局)."),
    ],
)  # fmt: skip
def test_a_finding_is_a_sentence(made: str, shown: str) -> None:
    """With a capital and a full stop; what stands between backticks is nobody's to change."""
    assert said(made, made) == Finding(ProfileCode.STALE, Place("x"), shown, shown)
    assert said(made).help is None


def test_every_department_has_its_name_at_every_level() -> None:
    """By the level that it begins with, and without one."""
    for office in OFFICES:
        plain = ENGLISH.gettext(office)
        assert plain != office
        for level in LEVELS:
            read = ENGLISH.gettext(level % {"office": office})
            assert read.endswith(f" {plain}"), read


@given(st.text(max_size=80))
def test_whatever_is_said_keeps_its_own_words(text: str) -> None:
    """Hostile or empty: nothing fails, what is quoted is there unchanged, and saying it twice says it once."""
    once = said(f"x `{text.replace('`', '')}` {text}").message
    assert f"`{text.replace('`', '')}`" in once
    assert once.startswith("X")
