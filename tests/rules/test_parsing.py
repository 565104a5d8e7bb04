import time
from fractions import Fraction

import pytest
from rule_engine import Rule
from rule_engine.errors import RuleSyntaxError

from core.errors import RuleError
from rules.parsing import DEPTH_MAX, LENGTH_MAX, parse_expression, plain_text
from rules.passages import Passage, Script
from rules.syntax import Logic, Name, NumberWord, TextWord, Unary


def parse(text: str) -> object:
    """Return the syntax tree of a text."""
    return parse_expression(Passage(text, Script("rule", "")))


def refusal(text: str) -> str:
    """Return what is wrong with a text."""
    with pytest.raises(RuleError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("10万", Fraction(100_000)),
        ("1.5 亿", Fraction(150_000_000)),
        ("5%", Fraction(1, 20)),
        ("5.5％", Fraction(11, 200)),
        ("3‰", Fraction(3, 1000)),
        ("０.１", Fraction(1, 10)),
        ("12345678901234567890.123456789", Fraction(12345678901234567890123456789, 10**9)),
    ],
)
def test_numbers_are_exact(written: str, value: Fraction) -> None:
    """What stands in the text is what is meant, to the last digit."""
    number = parse(written)

    assert isinstance(number, NumberWord)
    assert number.value == value


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("within（户籍区划，“31”）", 'within(户籍区划, "31")'),
        ("收入 ≥ 10 and 收入 ≠ 20", "(收入 >= 10) and (收入 != 20)"),
        ("残疾类别 in ［“智力”、‘精神’］", '残疾类别 in ["智力", "精神"]'),
        ("甲 × 2 ÷ 3 − 1", "((甲 * 2) / 3) - 1"),
        ("甲　＞＝　１", "甲 >= 1"),
        ("名称 == '他说“好”'", '名称 == "他说“好”"'),
        ("甲 ？ １ ： ２", "甲 ? 1 : 2"),
        ("not 甲 and not (乙 or 丙)", "(not 甲) and (not (乙 or 丙))"),
        ("-甲 < min(1, 乙)", "(-甲) < min(1, 乙)"),
        ('发证日期 <= d"2025-07-01"', '发证日期 <= d"2025-07-01"'),
        ("true == false", "true == false"),
        ("甲 > 1 # 注", "甲 > 1"),
    ],
)
def test_full_width_signs_mean_the_same(written: str, plain: str) -> None:
    """An author who types with a Chinese keyboard is understood."""
    assert str(parse(written)) == plain


def test_quoted_text_is_left_alone() -> None:
    """Signs inside quotation marks belong to the text."""
    text = parse('"（甲）≥，10万"')

    assert text == TextWord("（甲）≥，10万")
    assert plain_text("“a”") == '"a"'


def test_a_name_may_begin_like_a_literal() -> None:
    """`d` and `b` before a quotation mark begin a literal, elsewhere a name."""
    assert parse("days") == Name("days")
    assert parse("b甲") == Name("b甲")


def test_and_is_one_node_however_long() -> None:
    """Three hundred conditions are one node with three hundred operands, not a chain."""
    chain = parse(" and ".join(["甲"] * 300))

    assert isinstance(chain, Logic)
    assert len(chain.operands) == 300


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "the expression is empty"),
        ("  ", "the expression is empty"),
        ("甲 = 1", "`=` cannot stand here\n  help: write `==` to compare"),
        ("甲 && 乙", "`&` cannot stand here\n  help: write `and`"),
        ("甲 且 乙", "`且` cannot stand here\n  help: write `and`"),
        ("!甲", "`!` cannot stand here\n  help: write `not`"),
        ("甲 + 65岁", "`岁` cannot stand here"),
        ("(甲", "the expression ends too early"),
        ("“甲", "`“` cannot stand here\n  help: close the quotation marks"),
        ("1e5", "`e5` cannot stand here"),
        ("甲 =~ '.*'", "regular expressions are not part of the language"),
        ("a.b", "`.` is not part"),
        ("甲.乙", "`.` cannot stand here\n  help: name the attribute itself"),
        ("[x for x in 甲]", "`for` is not part"),
        ("甲 | 乙", "`&`, `|` and `^` are not part"),
        ("甲 << 2", "`<<` and `>>` are not part"),
        ("甲 == null", "`null` is not part"),
        ("甲 ?? 乙", "`??` is not part"),
        ('t"P1D"', "durations are not part"),
        ('b"a"', "bytes are not part"),
        ("{1, 2}", "`{..}` is not part"),
        ("{1: 2}", "`{..}` is not part"),
        ("甲[1]", "`x[..]` is not part"),
        ("甲[1:2]", "`x[..]` is not part"),
        ("甲 ** 2", "`**` is not part"),
        ("甲 // 2", "`//` is not part"),
        ("甲 % 2", "`%` is not part"),
        ("inf > 甲", "`inf` is not part"),
        ("max(1, 2)(3)", "only a function's name may stand before `(`"),
        ('d"2025-13-01"', "`2025-13-01` is not a day"),
        ('d"2025-07"', "`2025-07` is not a day"),
        ("甲 in ['\\x']", "not an expression: invalid string literal"),
    ],
)
def test_what_the_language_has_not_is_refused(written: str, message: str) -> None:
    """Each refusal names the word and says what to write."""
    assert message in refusal(written)


def test_the_line_of_a_fault_is_its_own() -> None:
    """A fault in the third line of an expression is reported there."""
    text = "when: |\n  甲 and\n  乙 and\n  丙 = 1\n"
    passage = Script("rule", text).passage("甲 and\n乙 and\n丙 = 1\n", "when")

    with pytest.raises(RuleError, match=r"^rule:4: "):
        parse_expression(passage)


def test_length_depth_and_parts_are_bounded() -> None:
    """No text keeps the parser busy, whoever wrote it."""
    started = time.perf_counter()

    assert f"more than {LENGTH_MAX:,} characters" in refusal("甲" * (LENGTH_MAX + 1))
    assert f"nested deeper than {DEPTH_MAX} levels" in refusal("-" * (LENGTH_MAX - 1) + "甲")
    assert "the expression has more than 1,000 parts" in refusal(" or ".join(["1<2"] * 570))
    assert isinstance(parse("(" * 1_900 + "甲" + ")" * 1_900), Name)
    assert isinstance(parse("not " * (DEPTH_MAX - 1) + "甲"), Unary)
    assert time.perf_counter() - started < 5


def test_rule_engine_keeps_its_own_words() -> None:
    """Its tables are shared; its words, its complaints and its context are not."""
    assert refusal("1 + + 2") != ""
    assert Rule("a > 2.5").matches({"a": 3})
    with pytest.raises(RuleSyntaxError):
        Rule("a >> > 2")
    with pytest.raises(RuleSyntaxError):
        Rule("10万 > 2")
    assert parse("10万") == NumberWord(Fraction(100_000), "10万")
