"""The words an expression may use: attributes by code or label, and the version's own parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.findings import nearest_help
from profiles.catalogue import Attribute, Catalogue
from profiles.row_facts import RowFact, row_fact
from profiles.value_limits import NO_LIMITS, ValueLimits, value_limits
from rules.functions import FUNCTIONS
from rules.parsing import fold
from rules.tree import Fact

WORDS = frozenset({"and", "or", "not", "in", "true", "false"})
"""The words of the language itself."""


@dataclass(frozen=True)
class Vocabulary:
    """What can be named in a version about one kind of subject."""

    own: dict[str, Attribute]
    foreign: dict[str, Attribute]
    parameters: frozenset[str]
    catalogue: Catalogue | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, catalogue: Catalogue, subject: str, parameters: Iterable[str]) -> "Vocabulary":
        """Return the words for a kind of subject, codes and labels alike; all words where the kind is unknown."""
        own: dict[str, Attribute] = {}
        foreign: dict[str, Attribute] = {}
        for attribute in catalogue.attributes.values():
            words = own if attribute.subject == subject or subject not in catalogue.kinds else foreign
            words[fold(attribute.code)] = words[fold(attribute.label)] = attribute
        return cls(own, foreign, frozenset(parameters), catalogue)

    def attribute(self, word: str) -> Attribute | None:
        """Return the attribute that a code or a label names, or None."""
        return self.own.get(fold(word))

    def fact(self, word: str) -> Fact | None:
        """Return the attribute that a word names, as a node, or None."""
        attribute = self.attribute(word)
        if attribute is None:
            return None
        return Fact(attribute.code, attribute.fact_type, attribute.label, attribute.unit)

    def limits(self, code: str) -> ValueLimits:
        """Return the least and the most that a fact can be, as frames hold it."""
        attribute = self.attribute(code)
        if attribute is None or self.catalogue is None:
            return NO_LIMITS
        return value_limits(self.catalogue, attribute)

    def row(self, code: str) -> RowFact | None:
        """Return how a fact hangs on one row of its resource, if it does."""
        attribute = self.attribute(code)
        return None if attribute is None or self.catalogue is None else row_fact(self.catalogue, attribute)

    def remedy(self, word: str) -> str | None:
        """Return the help line for a word that names nothing."""
        if word in FUNCTIONS:
            return f"write `{FUNCTIONS[word].usage}`"
        return nearest_help(word, {*self.own, *self.parameters, *WORDS}, "name")

    def is_taken(self, word: str) -> bool:
        """Say whether a word means something without any parameter."""
        return word in WORDS or word in FUNCTIONS or self.attribute(word) is not None
