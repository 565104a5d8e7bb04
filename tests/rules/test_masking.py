"""A masked case says the same of the rule and no more of the person."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RuleError
from rules.closed import close_version
from rules.closures import Value
from rules.example_writing import as_block, example_item, free_name
from rules.examples import answer_of, run_examples
from rules.masking import MaskedCase, mask
from rules.reading import parse_version
from rules.written_facts import stored_value, written_value
from tests.rules.samples import ATTRIBUTES, CATALOGUE, DAY, version

RULE = version(
    ("残疾等级 in [1, 2] or", 'full_years(出生日期) >= 18 and 家庭月收入 <= 1510 and 学校 != "一中" or'),
    ("amount: level_1", "amount: level_1 + 家庭月收入 * 10%"),
)
BORN = dt.date(1985, 3, 17)
FACTS: dict[str, Value] = {
    "hukou_region": "310118001005", "level": 2, "category": "智力", "born_on": BORN, "income_month": 150_832, "school": "二中",
}  # fmt: skip


def masked(**facts: Value) -> MaskedCase:
    """Return the case masked, with some facts changed."""
    return mask(RULE, FACTS | facts, DAY)


def test_what_identifies_is_coarsened() -> None:
    """A birthday, an income and a village go; levels, categories and words of the rule stay."""
    case = masked()

    assert case.facts == {
        "hukou_region": "310118", "born_on": dt.date(1980, 1, 1), "income_month": 100_000, "school": "其他",
        "level": 2, "category": "智力",
    }  # fmt: skip
    assert sorted(case.coarsened) == ["born_on", "hukou_region", "income_month", "school"]
    assert case.moved == ()


@pytest.mark.parametrize(
    ("born", "stands_for"),
    [(dt.date(2007, 8, 1), dt.date(2000, 1, 1)), (dt.date(2007, 8, 2), dt.date(2007, 12, 31))],
    ids=["eighteen-today", "eighteen-tomorrow"],
)
def test_a_threshold_is_not_crossed(born: dt.date, stands_for: dt.date) -> None:
    """The day that stands for a birthday is on the same side."""
    assert masked(born_on=born).facts["born_on"] == stands_for


def test_an_amount_that_a_fact_makes_moves_with_it() -> None:
    """The amount itself would give the income away: it is computed anew, and that is said."""
    case = masked(level=1)

    assert case.moved == ("income_month",)
    assert case.answer.due == {"main": (45_000, 45_000)}  # 350 yuan and a tenth of 1000, where 1508.32 was earned


def test_what_turns_on_an_exact_value_is_refused() -> None:
    """Rather no example than one that names somebody; the fault says the fact and not its value."""
    pinned = version(("残疾等级 in [1, 2] or", 'full_years(出生日期) >= 18 and 出生日期 > d"2007-07-29" or'))

    with pytest.raises(RuleError) as refused:
        mask(pinned, FACTS | {"born_on": dt.date(2007, 7, 30)}, dt.date(2025, 7, 30))

    assert "R602" in str(refused.value)
    assert "出生日期" in str(refused.value)
    assert "2007-07-30" not in str(refused.value)


def test_unknown_stays_unknown() -> None:
    """A missing fact is part of the case."""
    case = masked(born_on=None)

    assert case.facts["born_on"] is None
    assert case.answer.outcome == "unknown"
    assert case.answer.missing == ("born_on",)


facts = st.fixed_dictionaries(
    {
        "hukou_region": st.one_of(st.none(), st.sampled_from(["310118001005", "310112", "31", "330100"])),
        "level": st.one_of(st.none(), st.integers(0, 4)),
        "category": st.sampled_from([None, "肢体", "智力"]),
        "born_on": st.one_of(st.none(), st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31))),
        "income_month": st.one_of(st.none(), st.integers(0, 100_000_000), st.integers(150_900, 151_100)),
        "school": st.sampled_from([None, "一中", "二中"]),
    }
)


@given(given_facts=facts, day=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
def test_the_answer_stays_and_the_example_comes_out(given_facts: dict[str, Value], day: dt.date) -> None:
    """Outcome, reasons and missing facts are those of the real case; written into the file, the example passes."""
    real = answer_of(close_version(RULE), given_facts, day)

    case = mask(RULE, given_facts, day)

    assert case.answer._replace(due={}) == real._replace(due={})
    assert case.answer.due == real.due or case.moved
    item = example_item(RULE, "实际", case.day, case.facts, case.answer)
    after = parse_version(RULE.text + as_block([item]), CATALOGUE, "policies/nursing/2.yaml")
    assert run_examples(after) == run_examples(RULE)
    assert len(after.written.examples) == 2


@given(data=st.data())
def test_a_fact_is_written_as_it_is_read(data: st.DataObject) -> None:
    """Money in yuan, decimals at their scale: what is written is stored again as it was."""
    fact_type = data.draw(st.sampled_from([each.fact_type for each in ATTRIBUTES if each.fact_type.is_numeric]))
    stored = data.draw(st.integers(-fact_type.magnitude_max, fact_type.magnitude_max))

    assert stored_value("x", written_value(stored, fact_type), fact_type) == stored


def test_a_name_that_is_taken_gets_a_number() -> None:
    """Examples of one version have names of their own."""
    assert free_name(RULE, "二级") == "二级"
    assert free_name(RULE, "一级", taken=["一级（2）"]) == "一级（3）"
