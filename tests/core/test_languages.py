"""Findings in Chinese, by templates."""

import re

import pytest

from core.findings import Code, Finding, Place
from core.languages import Language, in_language, language_of, translated
from tests.gallery.cases import read_cases
from tests.repo.repository import modules
from tests.repo.sentences import VALUE, sentences_of

_FINDING = re.compile(
    r"(?m)^.*?: (?:error|warning)\[(?P<code>[RY]\d+|D10[289]|D1[34]\d|E51\d|E31[89]|E320)\]: (?P<message>.*)(?:\n  help: (?P<help>.*))?$"
)


ON_THE_COMMAND_LINE = ("core/", "profiles/")
"""What is wrong with settings, keys, a catalogue or a delivered file is met by operators and stewards, in a terminal."""

PLACES = frozenset({"data load", f"batch {VALUE}"})
"""What stands where a fault is, and is no sentence."""


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "MIANSHEN_LANG": "zh"}, "zh"),
        ({"LANG": "", "LC_ALL": ""}, "en"),
    ],
)
def test_the_language(environment: dict[str, str], language: str) -> None:
    """Our own variable first, then the locale as every program reads it."""
    assert language_of(environment) is Language(language)


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("R201", "unknown name `家庭月收人`", "没有名为 `家庭月收人` 的要素或参数"),
        ("R204", "expected a condition, found a number: `残疾等级`", "应为条件，此处是数值：`残疾等级`"),
        ("R320", "nobody can meet `a`, `b` and `c` together", "没有人能同时符合 `a`、`b`、`c`"),
        (
            "R307",
            "line 3 is never reached: line 1 and line 2 take everyone in it who meets `severe`",
            "第 3 行无人适用：符合 `severe` 的人已全部归入 第 1 行、第 2 行",
        ),
        (
            "R421",
            "no example lies just below or at the threshold `x >= 1`",
            "没有算例紧挨着低于或恰好等于临界值 `x >= 1`",
        ),
        (
            "R325",
            "not decided within the limits: whether anybody can meet all criteria; whether `a` follows from the others",
            "在限度内未能判定：是否有人能同时符合全部条件；`a` 是否可由其他条件推出",
        ),
        ("help", "the nearest name is `残疾等级`", "最接近的名称是 `残疾等级`"),
        ("E511", "the data of `cards` has moved since the plan was made", "方案拟定之后，以下已有变化：`cards` 的数据"),
        ("help", "the nearest policy or activation is `care`", "最接近的事项或启用是 `care`"),
        (
            "E318",
            "a proposal of 小王 about this policy is `submitted` already",
            "小王 关于该事项的提案已是 `submitted`",
        ),
        (
            "P306",
            "expected quarterly, due on 2025-09-30: the last data date is 2025-06-30",
            "应每季送达，2025-09-30 应到：最近的数据日是 2025-06-30",
        ),
        ("help", "the nearest key is `name`", "最接近的键是 `name`"),
        ("Y107", "the key `name` is missing in the first item of `value`", "`value` 的第 1 项 缺少 `name`"),
    ],
)
def test_a_sentence(code: str, english: str, chinese: str) -> None:
    """The author's own words stay as they are, ours come out in Chinese."""
    assert translated(english, code) == chinese


def test_a_sentence_without_a_template() -> None:
    """English is better than nothing."""

    class Unheard(Code):
        OF = "Z999"

    finding = Finding(Unheard.OF, Place("x", 1), "nobody wrote this down", "really")

    assert in_language(finding, Language.CHINESE) == finding
    assert in_language(finding, Language.ENGLISH) is finding


def test_every_finding_that_an_officer_meets_has_its_template() -> None:
    """An officer meets no message that was not translated: the gallery has one of each code."""
    found = [each for case in read_cases() for each in _FINDING.finditer(case.expected.read_text("utf-8"))]
    sentences = {(each["code"], each["message"]) for each in found}
    sentences |= {("help", each["help"]) for each in found if each["help"] and not each["help"].startswith("write `")}

    left = sorted(each for each in sentences if translated(each[1], each[0]) is None)

    assert len(sentences) > 100
    assert left == [], "add the sentence to core/chinese.yaml"


def test_every_sentence_that_pages_can_refuse_with_has_its_template() -> None:
    """Not the gallery's one of each code alone: all that the code makes, but of what is read in and of settings."""
    made = [
        each for path in modules() for each in sentences_of(path) if not each.module.startswith(ON_THE_COMMAND_LINE)
    ]

    left = sorted(
        (each.module, *each.codes, each.words)
        for each in made
        if each.words not in PLACES
        and translated(each.words, "help") is None
        and not any(translated(each.words, code) for code in each.codes)
    )

    assert len(made) > 1_000
    assert left == [], "add the sentence to core/chinese.yaml"
