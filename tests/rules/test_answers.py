"""What versions share is asked once, and comes out as it would for each alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rules.answers import Answers, Shared
from rules.closed import close_version
from rules.closures import Value
from tests.rules.samples import DAY, version

FACTS: dict[str, Value] = {"hukou_region": "310118001005", "level": 2, "category": "智力"}
RULE, OTHER = version(), version(("level_2: 180", "level_2: 190"))


@dataclass
class Watched(Mapping[str, Value]):
    """Facts that keep how often each was read."""

    facts: Mapping[str, Value]
    read: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Value:
        self.read[code] = self.read.get(code, 0) + 1
        return self.facts[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)


def test_a_condition_of_two_versions_is_worked_out_once() -> None:
    """The second version reads no fact that the first one read for the same conditions; another profile is asked anew."""
    shared = Shared()
    first, second = close_version(RULE, shared), close_version(OTHER, shared)
    facts = Watched(FACTS)
    answers = Answers(facts, DAY)

    held = answers.holds(first.conditions)
    read = dict(facts.read)

    assert answers.holds(second.conditions) == held
    assert facts.read == read
    assert Answers({}, DAY).holds(second.conditions) != held


def test_what_versions_share_comes_out_as_for_each_alone() -> None:
    """Results, amounts and what is missing; amounts that differ are not taken for each other's."""
    shared = Shared()

    for each in (RULE, OTHER):
        together, alone = close_version(each, shared), close_version(each)
        for facts in (FACTS, FACTS | {"level": None}, FACTS | {"category": None}, {}):
            answers = Answers(facts, DAY)
            assert answers.holds(together.conditions) == list(alone.criteria(facts, DAY).values())
            assert together.missing_of(answers, answers.holds(together.conditions)) == alone.missing(facts, DAY)
            assert {name: answers.amount(own) for name, own in together.tariff.items()} == alone.amounts(facts, DAY)
    assert close_version(RULE, shared).amounts(FACTS, DAY) != close_version(OTHER, shared).amounts(FACTS, DAY)
