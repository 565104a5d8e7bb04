"""Rule files that show one pattern each (docs/patterns.md): they are read, proved and come out as their examples say."""

from pathlib import Path

import pytest

from profiles.catalogue import Catalogue
from rules.checks import check_version
from rules.examples import run_examples
from rules.reading import read_version
from tests.rules.samples import CATALOGUE, attribute

MONEY = ("今年产值", "上年产值", "前年产值", "大前年产值", "应纳增值税", "应纳所得税", "应纳房产税")
OWN = [
    attribute("teaching_since", "任教起始日期", "date"),
    attribute("leave_months", "停薪留职月数", "integer"),
    attribute("hires", "招用人数", "integer"),
    *(attribute(f"money_{place}", label, "money", unit="元") for place, label in enumerate(MONEY)),
]
WORKED = Catalogue.model_validate(CATALOGUE.model_dump() | {"attributes": {each.code: each for each in OWN}})
FILES = sorted((Path(__file__).parent / "worked").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_worked_pattern_comes_out(path: Path) -> None:
    """Every example of the file, in plain Python and among strangers in Polars."""
    version = read_version(path, WORKED)

    assert run_examples(version) == []
    assert [finding for finding in check_version(version) if finding.is_error] == []
    assert version.policy == path.stem
