"""The one fact that a version may ask a subject for: which it is, and whether the list it names can take the answer."""

from collections.abc import Iterator

from core.findings import nearest_help
from profiles.catalogue import Attribute, Catalogue, Delivery, Resource, ResourceKind, Role, Source
from rules.codes import RuleCode
from rules.passages import Faults
from rules.version import Lane, WrittenVersion
from rules.vocabulary import Vocabulary

_OWN = frozenset({Role.SUBJECT, Role.ROW_KEY, Role.OPERATION, Role.VALID_FROM, Role.VALID_THROUGH})
"""Columns that an answer fills by itself."""


def check_question(written: WrittenVersion, catalogue: Catalogue, vocabulary: Vocabulary, faults: Faults) -> None:
    """Record a question of another lane, about no fact, or whose answers the list that it names cannot take."""
    asks = written.terms.asks
    if asks is None:
        return
    keys = ("terms", "asks")
    if written.lane is not Lane.GUIDED:
        message = f"nobody is asked for a fact in `lane: {written.lane}`"
        faults.add(RuleCode.STEP_OF_OTHER_LANE, message, *keys, remedy="write `lane: guided`, or leave `asks` out")
    attribute, resource = vocabulary.attribute(asks.fact), catalogue.resources.get(asks.writes)
    if attribute is None:
        remedy = vocabulary.remedy(asks.fact)
        faults.add(RuleCode.UNKNOWN_NAME, f"unknown attribute `{asks.fact}`", *keys, "fact", remedy=remedy)
    if resource is None:
        remedy = nearest_help(asks.writes, catalogue.resources, "resource")
        message = f"no resource is called `{asks.writes}`"
        faults.add(RuleCode.BAD_REFERENCE, message, *keys, "writes", remedy=remedy)
    if attribute is None or resource is None:
        return
    kind = catalogue.kinds.get(written.subject)
    for message, remedy in _unanswerable(attribute, resource, is_event=kind is not None and kind.of is not None):
        faults.add(RuleCode.BAD_QUESTION, message, *keys, remedy=remedy)


def _unanswerable(attribute: Attribute, resource: Resource, *, is_event: bool) -> Iterator[tuple[str, str]]:
    """Give why answers about a fact could not be kept in a list, with what to do."""
    name = resource.resource
    source = next((each for each in attribute.sources if each.resource == name), None)
    if is_event:
        yield "an event cannot be asked", "ask its owner, by a rule about the owner"
    if source is None or not _is_plain(source):
        message = f"`{attribute.label}` is not drawn from a column of `{name}` as it stands"
        yield message, f"add `{{resource: {name}, column: …}}` to its sources, behind the departments'"
    if resource.kind is not ResourceKind.SPELL or resource.delivery is not Delivery.INCREMENT:
        yield f"`{name}` takes no single answers", "declare it with `kind: spell` and `delivery: increment`"
    given = source.column if source else None
    more = [c.name for c in resource.columns if c.role not in _OWN and c.name != given and not c.optional]
    if more:
        yield f"`{name}` needs `{more[0]}` too, which nobody is asked for", "make that column `optional: true`"


def _is_plain(source: Source) -> bool:
    return source.column is not None and not source.where and not source.values and source.window is None
