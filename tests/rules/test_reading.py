"""Reading a version's text: once, however often it is asked for."""

from copy import copy

from rules.reading import parse_version
from tests.rules.samples import CATALOGUE, version_text


def test_the_same_text_is_read_once_for_each_catalogue() -> None:
    """A page of somebody asks for every version with every request; another catalogue may read the text otherwise."""
    text = version_text()
    first = parse_version(text, CATALOGUE, "policies/nursing/1.yaml")

    assert parse_version(text, CATALOGUE, "policies/nursing/1.yaml") is first
    assert parse_version(text, copy(CATALOGUE), "policies/nursing/1.yaml") is not first
    assert parse_version(text, CATALOGUE, "elsewhere.yaml").script.name == "elsewhere.yaml"
