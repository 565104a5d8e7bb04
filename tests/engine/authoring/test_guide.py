"""A guide says everything that its rule says, in the rule's own order."""

import datetime as dt

import pytest

from rules.reading import parse_version
from rules.standing import Activation
from tests.engine.authoring.guides import CATALOGUE, NURSING, SHIPPED_VERSIONS, guide


def activated(version: int | None, valid_from: str) -> Activation:
    """Return an activation of the nursing allowance."""
    day = dt.date.fromisoformat(valid_from)
    at = dt.datetime.combine(day, dt.time(), dt.UTC)
    return Activation("disability-nursing-allowance", version, day, None, at, clears=False)


def test_conditions_and_amounts_stand_in_the_order_of_the_file() -> None:
    """Nothing is left out, sorted or merged."""
    made = guide()

    assert [each.label for each in made.conditions] == [each.label for each in NURSING.written.criteria]
    assert [(each.when, each.amount) for each in made.amounts] == [
        ("残疾等级为1级", "350元"),
        ("残疾等级为2或3", "180元"),
    ]
    assert made.conditions[2].remedy is not None
    assert made.conditions[4].data == ("残疾等级", "残疾类别")


def test_articles_and_whom_to_ask_are_the_authors() -> None:
    """They describe and change no result: the results' fingerprint stays."""
    text = NURSING.text.replace("    when: not 已死亡\n", "    when: not 已死亡\n    article: 第三条\n")
    text = text.replace("    amount: level_2\n", "    amount: level_2\n    article: 第五条\n")
    text = text.replace("guard:", 'contact: {office: 区残联, phone: "12345"}\nguard:')
    told = parse_version(text, CATALOGUE, NURSING.script.name)

    made = guide(told)

    assert [each.article for each in made.conditions][:3] == [None, "第三条", None]
    assert [each.article for each in made.amounts] == [None, "第五条"]
    assert made.contact is not None
    assert made.contact.office == "区残联"
    assert told.results_fingerprint == NURSING.results_fingerprint
    assert told.fingerprint != NURSING.fingerprint


def test_whether_it_stands() -> None:
    """A draft is called one; what a later version or a repeal ends says its last day."""
    assert guide().is_draft
    assert guide(NURSING, activated(1, "2023-01-01")).is_draft
    assert guide(NURSING, activated(2, "2025-07-01")).stands == "2025-07-01起"
    assert guide(NURSING, activated(2, "2025-07-01"), activated(None, "2026-01-01")).stands == "2025-07-01至2025-12-31"


def test_departments_and_absence() -> None:
    """What is needed, from whom, and what it means that somebody is on no list."""
    made = guide()
    data = {each.label: each for each in made.data}

    assert set(data) == {CATALOGUE.attributes[code].label for code in NURSING.attributes}
    assert (data["特困供养"].absent, data["换证日期"].absent) == ("否", "待核")
    assert sorted({owner for each in made.data for owner in each.owners}) == sorted(made.departments)


@pytest.mark.parametrize("key", sorted(SHIPPED_VERSIONS), ids=str)
def test_every_shipped_version_has_a_guide(key: tuple[str, int]) -> None:
    """Each condition, line of the standard, and document is in it."""
    version = SHIPPED_VERSIONS[key]

    made = guide(version)

    assert len(made.conditions) == len(version.written.criteria)
    assert len(made.amounts) == len(version.written.tariff)
    assert made.basis == version.written.basis
    assert made.is_verified == all(each.certainty == "S" or each.verified for each in version.written.basis)
