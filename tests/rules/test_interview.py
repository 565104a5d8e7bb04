"""An interview asks until an answer can be meant, and ends with a version that reads, binds and comes out."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.terminal.interview import converse, prompt
from rules.bound import RuleVersion
from rules.conversation import Ask
from rules.examples import run_examples
from rules.interview import Interviewed, Setting, interview
from rules.reading import parse_version
from tests.rules.samples import CATALOGUE

SETTING = Setting(CATALOGUE, "310118", {"taken"})

HEAD = ["护理补贴", "nursing", "310118-CL-7", "自然人", "", "区残联", "", "2025-07-01", "", "", ""]
BASIS = ["沪民残福发〔2025〕5号", "一", "2025-08-07", "S", "某网", ""]


class Typist:
    """Types prepared lines, one to a question, and keeps what was said."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self.asked: list[str] = []
        self.said: list[str] = []

    def __call__(self, question: str) -> str:
        """Type the next line."""
        self.asked.append(question)
        try:
            return next(self._lines)
        except StopIteration:
            raise EOFError from None


def interviewed(*lines: str) -> tuple[Interviewed, Typist]:
    """Hold an interview and return what it came to."""
    typist = Typist(lines)
    return converse(interview(SETTING), said=typist.said.append, read=typist), typist


def made(*middle: str, examples: tuple[str, ...] = ("",)) -> tuple[RuleVersion, Typist]:
    """Interview with some conditions and amounts in the middle; monthly on the 15th, no contact."""
    result, typist = interviewed(*HEAD, *BASIS, *middle, "", "", "", "", "", "", *examples)
    return parse_version(result.text, CATALOGUE, "policies/nursing/1.yaml"), typist


RESIDENT = ("户籍区划", "", "31", "本市户籍", "一", "")
FLAT = ("", "350", "")


def test_a_whole_version() -> None:
    """Every answer stands in the file; it reads, and its examples come out."""
    version, _ = made(
        *RESIDENT,
        "残疾等级",
        "不高于",
        "2",
        "重度",
        "",
        "到残联评定",
        "",
        "残疾等级",
        "为",
        "1",
        "350",
        "三",
        "",
        "18万",
        "",
    )

    written = version.written
    assert (written.title, written.policy, written.item_code, written.subject) == (
        "护理补贴",
        "nursing",
        "310118-CL-7",
        "person",
    )
    assert (written.region, written.owner, written.lane, written.benefit) == ("310118", "区残联", "automatic", "cash")
    assert written.basis[0].model_dump(exclude_none=True, mode="json") == {
        "doc": "沪民残福发〔2025〕5号", "article": "一", "signed_on": "2025-08-07", "certainty": "S", "source": "某网",
    }  # fmt: skip
    assert [(each.id, each.when, each.actionable, each.remedy) for each in written.criteria] == [
        ("hukou_region", 'within(户籍区划, "31")', False, None), ("level", "残疾等级 <= 2", True, "到残联评定"),
    ]  # fmt: skip
    assert [(each.when, each.amount) for each in written.tariff] == [("残疾等级 == 1", 350), (None, "18万")]
    assert (written.terms.period, written.terms.pay.calendar, written.terms.pay.day) == ("month", "monthly", 15)
    names = [each.name for each in written.examples]
    assert {"残疾等级略低于2", "残疾等级恰为2", "残疾等级略高于2", "残疾等级未知", "不符合：本市户籍"} <= set(names)
    assert run_examples(version) == []
    assert version.warnings == ()


@pytest.mark.parametrize(
    ("answers", "when"),
    [
        (("特困供养", "否"), "not 特困供养"),
        (("is_tekun", "1"), "特困供养"),
        (("残疾证状态", "为", "有效"), '残疾证状态 == "有效"'),
        (("残疾类别", "为其中之一", "智力、 精神"), '残疾类别 in ["智力", "精神"]'),
        (("家庭月收入", "低于", "1.5万"), "家庭月收入 < 1.5万"),
        (("费率", "<=", "5%"), "费率 <= 5%"),
        (("发证日期", "不早于", "2025-01-01"), '发证日期 >= d"2025-01-01"'),
        (("出生日期", "已满周岁（年）", "65"), "full_years(出生日期) >= 65"),
        (("出生日期", "未满周岁（年）", "18"), "full_years(出生日期) < 18"),
        (("出生日期", "已满周岁，", "65"), "full_years_by_month(出生日期) >= 65"),
        (("出生日期", "未满周岁，", "80"), "full_years_by_month(出生日期) < 80"),
        (("户籍区划", "不在", "31、3301"), 'not within(户籍区划, "31", "3301")'),
        (("行业代码", "属于", "C13-C43"), 'industry_in(行业代码, "C13-C43")'),
        (("= 家庭月收入 / 家庭人数 < 1510",), "家庭月收入 / 家庭人数 < 1510"),
    ],
)
def test_each_kind_of_fact_has_its_comparisons(answers: tuple[str, ...], when: str) -> None:
    """By label or by code, by word or by number; what was understood is said back."""
    version, _ = made(*answers, "", "", "", "", *FLAT)

    assert version.written.criteria[0].when == when
    assert run_examples(version) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (("户籍",), "最接近的是 户籍区划"),
        (("",), "至少要有一个条件"),
        (('= 残疾等级 == "一级"',), "数值与文本不能用 == 比较"),
        (("= 残疾等机 == 1",), "最接近的名称是 `残疾等级`"),
        (("残疾等级", "大概", "为", "一级", "1", "", "", ""), "“大概”不在其中"),
        (("残疾证状态", "为", "失效", "有效", "", "", ""), "不会是"),
        (("户籍区划", "", "9x", "31", "", "", ""), "不是区划代码"),
        (("残疾证状态", "为", 'a"b', "有效", "", "", ""), "里有引号"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_asked_again(wrong: tuple[str, ...], complaint: str) -> None:
    """The officer is told the nearest name, or what fits, and goes on from there."""
    version, typist = made(*wrong, *RESIDENT, "", *FLAT)

    assert any(complaint in each for each in typist.said), typist.said
    assert version.written.criteria[-1].label == "本市户籍"


def test_wrong_heads_are_asked_again() -> None:
    """A code that is taken or is none, a day that does not exist, an end before its beginning."""
    lines = [
        "", "护理补贴", "taken", "Nursing!", "nursing", "x", "人", "3", "自然人", "9", "310118", "区残联", "",
        "2025-02-30", "2025-07-01", "2025-06-30", "2026-06-30", "", "",
    ]  # fmt: skip
    result, typist = interviewed(
        *lines, *BASIS, *RESIDENT, "", *FLAT, "", "", "", "每年", "13", "6", "32", "31", "", ""
    )

    complaints = [each for each in typist.said if each.startswith("! ")]
    assert len(complaints) == 10, complaints
    version = parse_version(result.text, CATALOGUE, "x")
    assert (version.written.terms.pay.month, version.written.terms.pay.day) == (6, 31)


def test_an_officer_who_disagrees_is_believed() -> None:
    """The example says what the document says; checking then tells that rule and example differ."""
    version, typist = made(*RESIDENT, "", *FLAT, examples=("2 99", "2", "符合", "x", "350.5"))

    assert version.written.examples[1].expect.outcome == "met"
    assert str(version.written.examples[1].expect.amount) == "350.5"
    assert [each.code.value for each in run_examples(version)] == ["R405"]
    assert any("按文件改正" in each for each in typist.said)


def test_conditions_that_contradict_each_other() -> None:
    """There is nobody to make examples of: that is said, and the file is still the officer's."""
    version, typist = made("残疾等级", ">=", "3", "", "", "", "残疾等级", "<", "3", "", "", "", "", *FLAT, examples=())

    assert version.written.examples == ()
    assert [each.id for each in version.written.criteria] == ["level", "level_2"]
    assert any("互相矛盾" in each for each in typist.said)


def test_all_facts_are_listed_on_request() -> None:
    """Of this kind of subject, and no others."""
    _, typist = made("？", *RESIDENT, "", *FLAT)

    listed = "\n".join(typist.said)
    assert "家庭月收入" in listed
    assert "营业收入" not in listed


def test_who_stops_typing_gets_nothing() -> None:
    """However far they came."""
    whole = [*HEAD, *BASIS, *RESIDENT, "", *FLAT, "", "", "", "", "", ""]

    for count in range(len(whole) + 1):
        with pytest.raises(EOFError):
            interviewed(*whole[:count])
    assert interviewed(*whole, "")[0].policy == "nursing"


def test_how_a_question_reads() -> None:
    """Hint and default stand behind it."""
    assert prompt(Ask("周期", "1 按月", "按月")) == "周期（1 按月）〔按月〕："


lines = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        "1", "2", "3", "S", "nursing", "自然人", "2025-07-01", "31", "残疾等级", "残疾类别", "出生日期", "家庭月收入", "户籍区划",
        "= 残疾等级 == 1", "= " + "(" * 200, "为", "不低于", "350", "5%", "=1/0", "999999999999999999999999", "",
    ]),
)  # fmt: skip


@given(typed=st.lists(lines, max_size=40))
def test_whatever_is_typed_is_answered(typed: list[str]) -> None:
    """No line breaks the interview off: it ends with a version, or goes on asking."""
    try:
        result, _ = interviewed(*HEAD, *BASIS, *typed)
    except EOFError:
        return
    assert parse_version(result.text, CATALOGUE, "x").policy == "nursing"
