"""What makes two rule versions the same: every field that can change a result, and the text as a whole.

Each field of the file, and of every part of it that can change a result, stands in exactly one of two lists; a test holds
that over the models, because a field that is in neither would let a change slip through an approval.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from core.ids import lines_digest, text_digest
from core.strict_yaml import Written
from rules.tariff import BoundLine
from rules.tree import Node, canonical
from rules.version import (
    Arrears,
    ArrearsCauses,
    Backdate,
    Cap,
    Confirmation,
    CountsAsPaid,
    Criterion,
    Deferred,
    Duration,
    Exclusion,
    FundingLine,
    Grace,
    Guard,
    Offset,
    Pay,
    PayeeTerm,
    Pot,
    Publicity,
    Question,
    TariffLine,
    Terms,
    WrittenVersion,
)

CHANGES_RESULTS = frozenset({
    "policy", "owner", "subject", "region", "lane", "benefit", "version", "valid_from", "valid_through",
    "parameters", "criteria", "tariff", "terms", "excludes", "caps", "guard",
})  # fmt: skip
"""Fields that can change who gets what, when, from whom, or whether a night stops."""

ONLY_DESCRIBES = frozenset({"item_code", "title", "summary", "basis", "budget", "contact", "effort", "examples"})
"""Fields that people read, and that no outcome, amount or payment depends on."""

PARTS: Mapping[type[Written], tuple[frozenset[str], frozenset[str]]] = {
    Criterion: (frozenset({"id", "when"}), frozenset({"label", "actionable", "remedy", "article"})),
    TariffLine: (frozenset({"when", "amount", "component", "instalment"}), frozenset({"article"})),
    Terms: (
        frozenset({
            "period", "counts", "arrears", "backdate", "grace", "pay", "payer", "partial", "overpaid", "rounding",
            "round_to", "version_by", "facts", "payee", "counts_as_paid", "deferred", "duration", "least", "calendar",
            "continues", "starts", "amount_for", "funding", "pot", "checked_by", "publicity", "confirmation",
            "asks", "offset",
        }),
        frozenset(),
    ),
    Confirmation: (frozenset({"working_days", "remind", "deemed", "needs_account"}), frozenset()),
    Publicity: (frozenset({"working_days"}), frozenset()),
    Question: (frozenset({"fact", "writes"}), frozenset()),
    Cap: (frozenset({"pool", "amount", "span", "per"}), frozenset()),
    CountsAsPaid: (frozenset({"amount", "span"}), frozenset()),
    Arrears: (frozenset({"months", "causes"}), frozenset()),
    ArrearsCauses: (frozenset({"rule", "hold", "delivery"}), frozenset()),
    Backdate: (frozenset({"from_", "months", "waives", "reads"}), frozenset()),
    Grace: (frozenset({"periods"}), frozenset()),
    PayeeTerm: (frozenset({"relation", "otherwise"}), frozenset()),
    Pay: (frozenset({"calendar", "day", "month", "first", "advance", "after"}), frozenset()),
    FundingLine: (frozenset({"name", "level", "share", "account", "project"}), frozenset()),
    Pot: (frozenset({"at_end", "order"}), frozenset()),
    Offset: (frozenset({"share", "from_"}), frozenset()),
    Deferred: (frozenset({"months"}), frozenset()),
    Duration: (frozenset({"months", "counts", "extended_by"}), frozenset()),
    Exclusion: (frozenset({"group", "mode", "span", "at_most", "months", "priority", "per"}), frozenset()),
    Guard: (frozenset({"count", "amount_change"}), frozenset()),
}  # fmt: skip
"""The same two lists for each part of a field that can change a result; whatever only describes has no entry."""

BOUND = frozenset({"parameters", "criteria", "tariff"})
"""Fields whose meaning is in the typed tree; parameters count by what they do there."""

LATER = frozenset({
    "after", "amount_for", "asks", "calendar", "caps", "causes", "checked_by", "confirmation", "continues", "counts_as_paid",
    "deferred", "duration", "facts", "instalment", "least", "months", "offset", "payee", "per", "pot", "priority", "publicity",
    "starts", "version_by",
})  # fmt: skip
"""Fields that versions published before did not have: one that says nothing adds no line, so that theirs stand."""


MEASURED = frozenset({"amount", "share"})
"""Numbers that may be written as expressions: they count by what those come to, each under its own name."""


def results_fingerprint(
    written: WrittenVersion,
    criteria: Iterable[tuple[str, Node]],
    tariff: Mapping[str, tuple[BoundLine, ...]],
    attributes: Mapping[str, str],
    measures: Mapping[str, Node],
) -> str:
    """Return the digest of everything that can change a result, in a form that no spelling changes.

    `attributes` gives the code of each attribute that the terms name.
    """
    of_measures = (f"measure {name} {canonical(node)}" for name, node in sorted(measures.items()))
    return lines_digest(chain(_lines(written, criteria, tariff, attributes), of_measures))


def version_fingerprint(results: str, text: str) -> str:
    """Return the digest of a version: its results, and its text to the letter."""
    return text_digest(results, text)


def _lines(
    written: WrittenVersion,
    criteria: Iterable[tuple[str, Node]],
    tariff: Mapping[str, tuple[BoundLine, ...]],
    attributes: Mapping[str, str],
) -> Iterator[str]:
    for name in sorted(CHANGES_RESULTS - BOUND):
        yield from _plain(name, getattr(written, name), attributes)
    for identifier, node in criteria:
        yield f"criterion {identifier} {canonical(node)}"
    for component, lines in sorted(tariff.items()):
        for line in lines:
            when = "always" if line.when is None else canonical(line.when)
            yield f"line {component} {when} {canonical(line.amount)}"
    instalments = {(each.component, each.instalment) for each in written.tariff if each.instalment is not None}
    yield from (f"instalment {component} {number}" for component, number in sorted(instalments))


def _plain(path: str, value: object, attributes: Mapping[str, str]) -> Iterator[str]:
    """Give one line per leaf; a leaf that names an attribute gives its code."""
    if isinstance(value, Written):
        changes, _ = PARTS.get(type(value), (type(value).model_fields.keys() - {"line"}, None))
        for name in sorted(changes):
            if name not in MEASURED and (name not in LATER or getattr(value, name) is not None):
                yield from _plain(f"{path}.{name}", getattr(value, name), attributes)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _plain(f"{path}.{index}", item, attributes)
    elif isinstance(value, str):
        names_attribute = (
            ".backdate." in path or path.endswith((".version_by", ".starts", ".asks.fact")) or ".pot.order." in path
        )
        yield f"{path} {attributes.get(value, value) if names_attribute else value!s}"
    else:
        yield f"{path} = {value}"
