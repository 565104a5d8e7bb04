"""Every field of a rule version either changes results or only describes, and the fingerprint goes by that."""

import datetime as dt
import types
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import pytest

from core.strict_yaml import Written
from rules.fingerprints import BOUND, CHANGES_RESULTS, ONLY_DESCRIBES, PARTS, results_fingerprint
from rules.version import WrittenVersion
from tests.rules.samples import version

FIELDS: dict[type[Written], tuple[frozenset[str], frozenset[str]]] = {
    WrittenVersion: (CHANGES_RESULTS, ONLY_DESCRIBES),
    **PARTS,
}
MEASURES = ("Cap.amount", "CountsAsPaid.amount", "FundingLine.share", "Offset.share")
"""Numbers that are expressions: their meaning is in the typed tree."""


def models_in(annotation: Any) -> Iterator[type[Written]]:  # noqa: ANN401  # any annotation
    """Give every model that a field's type mentions."""
    if isinstance(annotation, type) and issubclass(annotation, Written):
        yield annotation
    for each in get_args(annotation):
        yield from models_in(each)


def fields_of(model: type[Written]) -> frozenset[str]:
    """Return the fields that an author can write."""
    return frozenset(model.model_fields.keys() - {"line"})


def reachable(model: type[Written]) -> set[type[Written]]:
    """Return a model and every model that can change a result by standing in it."""
    changes = FIELDS.get(model, (fields_of(model), frozenset()))[0]
    below = {each for name in changes for each in models_in(model.model_fields[name].annotation)}
    return {model}.union(*map(reachable, below))


def test_every_field_is_in_exactly_one_list() -> None:
    """A new field is put into one of the two lists of `rules.fingerprints` before anything can be built on it."""
    found = {
        model.__name__: sorted(fields_of(model) - changes - describes)
        + sorted(changes & describes)
        + sorted((changes | describes) - fields_of(model))
        for model in sorted(reachable(WrittenVersion), key=lambda model: model.__name__)
        for changes, describes in [FIELDS.get(model, (frozenset[str](), frozenset[str]()))]
    }

    assert {model: names for model, names in found.items() if names} == {}, "say in rules.fingerprints what each does"


def test_no_list_is_left_over() -> None:
    """A part that is gone, or that only describes, has no lists."""
    assert FIELDS.keys() - reachable(WrittenVersion) == set()


def filled(annotation: Any) -> Any:  # noqa: ANN401  # any annotation; one return for each kind of it
    """Return some value of a type, with everything in it that may be left out."""
    origin, inner = get_origin(annotation), [each for each in get_args(annotation) if each is not type(None)]
    if origin in {Union, types.UnionType}:
        return filled(inner[0])
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return tuple(filled(each) for each in inner if each is not Ellipsis)
    if origin is dict:
        return {}
    if issubclass(annotation, Written):
        own = annotation.model_fields.items()
        return annotation.model_construct(**{name: filled(field.annotation) for name, field in own if name != "line"})
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    return {str: "a", int: 1, bool: False, Decimal: Decimal(1), dt.date: dt.date(2025, 7, 1)}[annotation]


def others(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # any value
    """Give the same value with one leaf of it another, for each leaf, by its path."""
    if isinstance(value, Written):
        for name in sorted(fields_of(type(value))):
            for path, other in others(getattr(value, name)):
                yield f"{type(value).__name__}.{name} {path}", value.model_copy(update={name: other})
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            for path, other in others(each):
                yield path, (*value[:place], other, *value[place + 1 :])
    elif not isinstance(value, dict):
        yield "", f"{value} and another" if not isinstance(value, bool) else not value


def changes_a_result(path: str) -> bool:
    """Say whether a leaf can change a result: by the lists, on the whole way down to it."""
    steps = [step.split(".") for step in path.split()]
    by_name = {model.__name__: lists for model, lists in FIELDS.items()}
    return all(model in by_name and name in by_name[model][0] for model, name in steps)


LEAVES = {
    path: other
    for path, other in others(filled(WrittenVersion))
    if path.split()[0].split(".")[1] not in BOUND and path.split()[-1] not in MEASURES
}


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_the_fingerprint_goes_by_the_lists(path: str) -> None:
    """A leaf that can change a result changes the fingerprint; one that only describes does not."""
    before = results_fingerprint(filled(WrittenVersion), [], {}, {}, {})

    after = results_fingerprint(LEAVES[path], [], {}, {}, {})

    assert (before != after) == changes_a_result(path)


@pytest.mark.parametrize(
    ("written", "instead", "changes"),
    [
        pytest.param("id: severe", "id: grave", True, id="criterion-id"),
        pytest.param("in [1, 2] or", "in [1] or", True, id="criterion-when"),
        pytest.param("label: 本市户籍", "label: 户籍在沪", False, id="criterion-label"),
        pytest.param("label: 本市户籍", "label: 本市户籍\n    remedy: 落户", False, id="criterion-remedy"),
        pytest.param("label: 本市户籍", "label: 本市户籍\n    actionable: false", False, id="criterion-actionable"),
        pytest.param("level_1: 350", "level_1: 351", True, id="line-amount"),
        pytest.param("amount: level_1", "amount: level_1\n    component: extra", True, id="line-component"),
        pytest.param("when: 残疾等级 == 1", "when: 残疾等级 == 2", True, id="line-when"),
        pytest.param("amount: level_", "instalment: 2\n    amount: level_", True, id="line-instalment"),
        pytest.param("when: 残疾等级 == 1", "when: level == 1.0", False, id="line-spelling"),
        pytest.param("level_1", "first_level", False, id="parameter-name"),
    ],
)
def test_what_is_bound_counts_by_what_it_means(written: str, instead: str, *, changes: bool) -> None:
    """Conditions and amounts go by their typed tree, whatever their spelling."""
    before, after = version().results_fingerprint, version((written, instead)).results_fingerprint

    assert (before != after) == changes
