"""Questions to the solver: the same on every machine, within limits, and spared where an example answers."""

import os
import subprocess
import sys

import pytest

from core.days import DayRange
from rules.solving import NO_STEPS, Answer, Limits, Questions
from rules.tree import Kind
from rules.tried import Tried
from rules.vocabulary import Vocabulary
from tests.rules.samples import CATALOGUE, DAY, bind

VOCABULARY = Vocabulary.of(CATALOGUE, "person", ())
DAYS = DayRange(DAY, DAY.replace(year=2035))
HARD = "费率 * 费率 * 费率 + 家庭人数 * 家庭人数 * 家庭人数 == 残疾等级 * 残疾等级 * 残疾等级 and 费率 > 1 and 残疾等级 > 1"
"""Fermat's cubes: whoever finds one has more to say than a benefit."""

TOLD = """
from pathlib import Path
from core.findings import sort_findings
from rules.checks import check_version
from rules.diff import compare_versions
from tests.rules.samples import version
gap = version(("残疾等级 in [2, 3]", "残疾等级 == 2 and 残疾类别 == '智力'"), ("level_2: 180", "level_2: 190"))
print(compare_versions(version(), gap).as_json())
print(*sort_findings(check_version(gap)), sep="\\n")
"""


def questions(text: str, *tried: Tried, limits: Limits | None = None) -> Questions:
    """Return questions about one condition."""
    conditions = {"it": bind(text, Kind.TRUTH)}
    return Questions(conditions, vocabulary=VOCABULARY, days=DAYS, tried=tried, limits=limits)


def told(seed: str) -> bytes:
    """Return what checks and a comparison say in a process with its own order of sets."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run([sys.executable, "-c", TOLD], env=environment, capture_output=True, check=True).stdout


def test_the_same_versions_give_the_same_bytes() -> None:
    """Witnesses, proofs and their order depend on nothing but the files."""
    first, second = told("1"), told("2")

    assert b'"gainer": {' in first
    assert b"R324" in first
    assert first == second


def test_what_is_too_hard_is_open_after_its_steps() -> None:
    """Nothing but the solver's own steps ends a search: a slow machine decides what a fast one does."""
    answers = [questions(HARD, limits=Limits(steps=20_000)).find(["it"]).answer for _ in range(2)]

    assert answers == [Answer.OPEN, Answer.OPEN]


def test_all_questions_share_their_steps() -> None:
    """A version that is hard throughout does not keep an officer waiting for each of its questions."""
    asked = questions(HARD, limits=Limits(steps=20_000, together=20_000))
    asked.find(["it"])

    assert asked.find().answer is Answer.OPEN
    assert questions(HARD, limits=Limits(steps=20_000)).find().answer is Answer.FOUND


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        pytest.param({"household_size": 3}, Answer.FOUND, id="an-example-answers"),
        pytest.param({"household_size": 2}, Answer.OPEN, id="it-says-otherwise"),
        pytest.param({"household_size": None}, Answer.OPEN, id="its-fact-is-missing"),
        pytest.param({}, Answer.OPEN, id="it-says-nothing-of-it"),
        pytest.param({"household_size": 10**19}, Answer.OPEN, id="nobody-can-be-like-that"),
    ],
)
def test_an_example_answers_where_it_can(facts: dict[str, int | None], answer: Answer) -> None:
    """Somebody whose facts are all known and possible needs no search."""
    asked = questions("家庭人数 > 2", Tried(facts, DAY), limits=NO_STEPS)

    assert asked.find(["it"]).answer is answer


def test_an_example_of_another_time_is_no_answer() -> None:
    """Before the version begins its conditions are not asked."""
    early = Tried({"household_size": 3}, DAY.replace(year=2020))

    assert questions("家庭人数 > 2", early, limits=NO_STEPS).find(["it"]).answer is Answer.OPEN
