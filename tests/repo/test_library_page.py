"""docs/library.md: every shipped policy is in it, with what its files say."""

import re

from tests.repo.library_page import LIBRARY, PAGE, families, render


def test_the_page_is_that_of_the_files() -> None:
    """The table is written from the files: `make docs`."""
    text = PAGE.read_text("utf-8")

    assert text == render(text)


def test_every_policy_belongs_to_one_family() -> None:
    """Nothing is shipped that the page leaves out, and nothing is named that is not shipped."""
    named = [entry.policy for family in families() for entry in family.policies]

    assert sorted(named) == sorted(path.name for path in (LIBRARY / "policies").iterdir())


def test_every_pattern_is_shown() -> None:
    """Each pattern of the list below the table has a policy, and no policy names another."""
    listed = set(re.findall(r"^\| (P\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    shown = {pattern for family in families() for entry in family.policies for pattern in entry.patterns}

    assert shown == listed
