"""Dimensions name attributes and bands that go with them; every fault has its line."""

from pathlib import Path

import pytest

from core.errors import ProfileError
from profiles.catalogue_reading import read_catalogue
from profiles.dimensions import read_dimensions
from tests.world_catalogue import CATALOGUE


def _read(folder: Path, *lines: str) -> list[str]:
    for name, text in CATALOGUE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    if lines:
        body = "".join(f"  - {{{line}}}\n" for line in lines)
        (folder / "dimensions.yaml").write_text(f"dimensions:\n{body}", "utf-8")
    return [each.banding for each in read_dimensions(folder, read_catalogue(folder))]


def test_a_catalogue_without_the_file_has_none(tmp_path: Path) -> None:
    """Nothing has to be declared."""
    assert _read(tmp_path) == []


def test_each_way_of_banding(tmp_path: Path) -> None:
    """By label or by code; values, digits of a region, ages, and limits of a number."""
    bandings = _read(
        tmp_path,
        "code: a, label: 低保, subject: person, attribute: 低保",
        "code: b, label: 街镇, subject: person, attribute: region, digits: 9",
        "code: c, label: 年龄, subject: person, attribute: 出生, years: [18, 60]",
        "code: d, label: 等级, subject: person, attribute: level, bands: [1, 3]",
    )

    assert bandings == ["value", "digits", "years", "bands"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("attribute: 出身", r"P108.*`出身`", id="an-unknown-attribute"),
        pytest.param("attribute: 出生, digits: 6", r"P117.*`digits` does not go with", id="a-day-has-no-digits"),
        pytest.param("attribute: 出生", r"P117.*`value` does not go with", id="a-day-without-ages"),
        pytest.param("attribute: 出生, years: [60, 18]", r"P117.*rising", id="bands-that-fall"),
        pytest.param("attribute: 等级, years: [1], bands: [1]", r"P117.*at most one", id="two-ways-at-once"),
    ],
)
def test_a_dimension_that_does_not_fit(tmp_path: Path, line: str, message: str) -> None:
    """The data steward reads the line and what would fit."""
    with pytest.raises(ProfileError, match=message) as raised:
        _read(tmp_path, f"code: x, label: 某, subject: person, {line}")

    assert raised.value.findings[0].place.line == 2


def test_a_dimension_of_another_kind_of_subject(tmp_path: Path) -> None:
    """Streets of persons do not group enterprises."""
    with pytest.raises(ProfileError, match="P116"):
        _read(tmp_path, "code: x, label: 某, subject: enterprise, attribute: 低保")
