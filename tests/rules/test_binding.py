import pytest

from rules.tree import All, Fact, Kind, Not, Number, Parameter, Some, Truth, bare, canonical, facts_of
from tests.rules.samples import bind, faults


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("残疾等级 >= 1", "level ≥ 1"),
        ("特困供养 == true", "is_tekun"),
        ("特困供养 != true", "not 特困供养"),
        ("false == 特困供养", "not is_tekun"),
        ("not not 特困供养", "特困供养"),
        ("特困供养 and (工伤护理费 and true)", "特困供养 and 工伤护理费 and true"),
        ("特困供养 or 工伤护理费 or false", "特困供养 or (工伤护理费 or false)"),
        ("家庭月收入 > 10万", "家庭月收入 > 100000"),
        ("费率 <= 5%", "费率 <= 0.05"),
        ("残疾等级 in [1, 2, 1]", "残疾等级 in [1, 2]"),
        ('within(户籍区划, "310000")', 'within(户籍区划, "31")'),
        ('industry_in(行业代码, "K")', 'industry_in(行业代码, "70")'),
        ("full_years(出生日期) - -1 > 3", "full_years(born_on) - (-1) > 3"),
    ],
)
def test_what_means_the_same_is_the_same_tree(one: str, other: str) -> None:
    """Two spellings of one meaning have one tree, one fingerprint and one row in every comparison."""
    assert bind(one) == bind(other)
    assert canonical(bind(one)) == canonical(bind(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("残疾等级 >= 1", "残疾等级 > 1"),
        ("残疾等级 >= 1", "家庭人数 >= 1"),
        ("学校 == '1 2'", "学校 in ['1', '2']"),
        ("特困供养 and 工伤护理费", "特困供养 or 工伤护理费"),
        ("full_years(出生日期) > 1", "full_years_by_month(出生日期) > 1"),
    ],
)
def test_what_means_another_thing_is_another_tree(one: str, other: str) -> None:
    """No two meanings share a canonical form."""
    assert canonical(bind(one)) != canonical(bind(other))


def test_a_parameter_is_transparent() -> None:
    """A parameter is kept for its name and counts by its value."""
    named = bind("家庭月收入 <= 低保标准 * 1.3", 低保标准=1595)

    assert canonical(named) == canonical(bind("家庭月收入 <= 1595 * 1.3"))
    assert facts_of(named) == {"income_month"}


def test_parameters_may_use_others_and_facts() -> None:
    """A named formula reads like the law; it may be of any kind."""
    node = bind(
        "人均 <= 线 and 困难", 人均="家庭月收入 / 家庭人数", 线="标准 * 2", 标准=1000, 困难="特困供养 or 残疾等级 == 1"
    )

    assert isinstance(node, All)
    assert facts_of(node) == {"income_month", "household_size", "is_tekun", "level"}
    assert isinstance(node.operands[1], Parameter)
    assert isinstance(bare(node.operands[1]), Some)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("户籍 == 1", ["unknown name `户籍`\n  help: the nearest name is `户籍区划`"]),
        ("True", ["unknown name `True`\n  help: the nearest name is `true`"]),
        ("day > 3", ["unknown name `day`\n  help: write `day()`"]),
        ("营业收入 > 1", ["`营业收入` is a fact about another kind of subject: enterprise"]),
        ("甲 > 1 and 乙 > 2 and 特困供养", ["unknown name `甲`", "unknown name `乙`"]),
        ("not 甲 and (甲 + 1) * 2 > 乙", ["unknown name `甲`", "unknown name `甲`", "unknown name `乙`"]),
        ("残疾等级", ["expected a condition, found a number: `残疾等级`"]),
        ("not 残疾等级", ["expected a condition, found a number: `残疾等级`"]),
        ("特困供养 and 残疾等级 and 3", ["expected a condition, found a number: `残疾等级`"]),
        ("残疾等级 in 3", ["`in` expects a list, found `3`"]),
        ("[1, 2]", ["a list stands only after `in`: `[1, 2]`"]),
        ("(残疾等级 ? 1 : 2) > 1", ["expected a condition, found a number: `残疾等级`"]),
        ("(特困供养 ? 1 : true) > 1", ["expected a number, found a condition: `true`"]),
        ("(特困供养 ? true : 1)", ["expected a condition, found a number: `1`"]),
        ("(特困供养 ? '甲' : '乙') == '甲'", ["expected a number, found a text"]),
        ("标准 > 甲", ["unknown name `标准`", "unknown name `甲`"]),
    ],
)
def test_a_slip_gives_one_finding(text: str, messages: list[str]) -> None:
    """What contains a faulty part is left alone; other parts are still checked."""
    found = faults(text, Kind.TRUTH)

    assert len(found) == len(messages)
    assert all(message in line for message, line in zip(messages, found, strict=True))


def test_a_ring_of_parameters_is_named() -> None:
    """The author sees the whole ring, once."""
    found = faults("甲 > 1", 甲="乙 + 1", 乙="丙 * 2", 丙="甲")

    assert len(found) == 1
    assert "the parameter `甲` needs itself: 甲 → 乙 → 丙 → 甲" in found[0]


def test_a_faulty_parameter_is_reported_once() -> None:
    """However often it is used."""
    assert len(faults("甲 > 1 and 甲 < 5", 甲="乙 + 1")) == 1


def test_a_choice_between_conditions_is_logic() -> None:
    """`a ? b : c` of conditions is said with `and` and `or`, so that Kleene's logic holds inside."""
    node = bind("特困供养 ? 工伤护理费 : true")

    assert isinstance(node, Some)
    assert node.operands[1] == All((Not(node.operands[0].operands[0]), Truth(value=True)))  # type: ignore[attr-defined]


def test_a_negative_number_is_a_number() -> None:
    """-5 is a constant, not a sum."""
    assert bind("-5") == Number(-5)  # type: ignore[arg-type]
    assert isinstance(bind("特困供养"), Fact)
