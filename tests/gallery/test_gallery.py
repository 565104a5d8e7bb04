"""Every error code has its smallest input here, and says exactly what is expected."""

from collections import Counter
from pathlib import Path

import pytest

from tests.gallery.cases import Case, every_code, read_cases, show
from tests.gallery.errors_page import PAGE, render

CASES = read_cases()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.folder.name) for case in CASES])
def test_case(case: Case, tmp_path: Path, *, update_golden: bool) -> None:
    """The smallest input brings exactly the expected words, and the code is among them."""
    shown = show(case, tmp_path)

    if update_golden:
        case.expected.write_text(shown, "utf-8")
    assert f"[{case.code}]" in shown
    assert shown == case.expected.read_text("utf-8")


def test_every_code_has_a_case() -> None:
    """Nobody meets a message that nobody has read before."""
    codes = {code.value for code in every_code()}
    shown = {case.code for case in CASES}

    assert sorted(codes - shown) == [], "add a folder <CODE>-<slug> for each to tests/gallery"
    assert sorted(shown - codes) == [], "no enum has these codes any longer: remove their folders"


def test_a_code_stands_once() -> None:
    """One code, one fault: two stages never share a code."""
    counts = Counter(code.value for code in every_code())

    assert [code for code, count in counts.items() if count > 1] == []


def test_a_folder_is_named_after_its_code() -> None:
    """A reader finds the case by its code."""
    assert [case.folder.name for case in CASES if case.folder.name.split("-")[0] != case.code] == []


def test_the_page_of_errors_is_up_to_date(*, update_golden: bool) -> None:
    """docs/errors.md is written from the gallery: `make docs`."""
    if update_golden:
        PAGE.write_text(render(), "utf-8")

    assert PAGE.read_text("utf-8") == render()
