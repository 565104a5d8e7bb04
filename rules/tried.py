"""What a version's worked examples have tried: their known facts, as frames hold them, and the day of each."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from rules.bound import RuleVersion
from rules.closures import Facts, Value
from rules.operands import MistakeError
from rules.version import Example
from rules.written_facts import stored_value


class Tried(NamedTuple):
    """The facts of one example, unknown ones as null, and its day."""

    facts: Facts
    day: dt.date


def tried_cases(version: RuleVersion) -> tuple[Tried, ...]:
    """Return what each example tries; facts that are wrong are reported elsewhere and left out here."""
    return tuple(Tried(dict(_known(version, example)), example.day) for example in version.written.examples)


def _known(version: RuleVersion, example: Example) -> Iterator[tuple[str, Value]]:
    for word, value in example.facts.items():
        attribute = version.vocabulary.attribute(word)
        if attribute is not None:
            try:
                yield attribute.code, stored_value(word, value, attribute.fact_type)
            except MistakeError:
                continue
