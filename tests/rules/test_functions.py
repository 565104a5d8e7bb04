import pytest

from rules.functions import FUNCTIONS
from rules.tree import KIND_OF, Kind
from tests.rules.samples import bind, faults


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("full_year(出生日期)", "unknown function `full_year`\n  help: the nearest function is `full_years`"),
        ("残疾等级(1)", "unknown function `残疾等级`"),
        ("day(1)", "`day` does not take 1 argument\n  help: write `day()`"),
        ("full_months()", "`full_months` does not take 0 arguments\n  help: write `full_months(day attribute)`"),
        ("full_years(残疾等级)", "expected a day, found a number: `残疾等级`"),
        ("full_years(day())", "`full_years` counts from an attribute, found `day()`"),
        ("min(1, 学校)", "expected a number, found a text: `学校`"),
        ("min(1)", "`min` does not take 1 argument"),
        (
            "round_down(残疾等级, 0)",
            "the unit to round to is a number above zero that is the same for everyone, found `0`",
        ),
        ("round_up(残疾等级, 家庭人数)", "found `家庭人数`"),
        ("within(户籍区划)", "`within` does not take 1 argument"),
        ("within(学校, '31')", "expected a region, found a text: `学校`"),
        ("within(户籍区划, 31)", "expected a code in quotation marks, found `31`"),
        ("within(户籍区划, '3101181')", "`3101181` is not a region code"),
        ("within(户籍区划, '310103')", "the region code `310103` is retired\n  help: 卢湾区 belongs to 310101"),
        ("industry_in(行业代码, 'X')", "`X` is not an industry code"),
        ("size_class(行业代码, 1, 2) == '微型'", "`size_class` does not take 3 arguments"),
        ("size_class(学校, 1, 2, 3) == '微型'", "expected an industry code, found a text: `学校`"),
        ("size_class(行业代码, 学校, 2, 3) == '微型'", "expected a number, found a text: `学校`"),
        ("size_class(行业代码, 1, 2, 3) == '小微'", "is never `小微`\n  help: the nearest value is `微型`"),
        ("industry_in(行业代码, 'C70')", "`C70`: division 70 is not in section C\n  help: write `K70`"),
    ],
)
def test_calls_that_cannot_be_are_refused(text: str, message: str) -> None:
    """Each function says how it is called."""
    found = faults(text)

    assert len(found) == 1
    assert message in found[0]


CALLS = [
    ("within(户籍区划, 区)", Kind.TRUTH),
    ("industry_in(行业代码, 'C13-C43', '7010')", Kind.TRUTH),
    ("size_class(行业代码, 残疾等级, 家庭月收入, 家庭月收入)", Kind.TEXT),
    ("full_years(出生日期)", Kind.NUMBER),
    ("full_years_by_month(出生日期)", Kind.NUMBER),
    ("full_months(出生日期)", Kind.NUMBER),
    ("day()", Kind.DATE),
    ("min(1, 2, 残疾等级)", Kind.NUMBER),
    ("max(1, 残疾等级)", Kind.NUMBER),
    ("round_down(残疾等级, 10)", Kind.NUMBER),
    ("round_up(残疾等级, 0.5)", Kind.NUMBER),
    ("round_half_up(残疾等级, 1 / 3)", Kind.NUMBER),
]


@pytest.mark.parametrize(("text", "kind"), CALLS)
def test_each_function_gives_its_kind(text: str, kind: Kind) -> None:
    """What a function makes can stand where its kind can."""
    assert bind(text, 区='"31"').kind is kind


def test_every_function_is_tested() -> None:
    """A function that is added gets an example above."""
    assert {text.split("(")[0] for text, _ in CALLS} == set(FUNCTIONS)
    assert set(KIND_OF.values()) == set(Kind)
