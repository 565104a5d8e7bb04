"""What is checked of attributes: that each is drawn from something that can give it."""

from collections.abc import Iterator

from core.findings import Finding, Place, nearest_help
from core.values import ValueType
from profiles.catalogue import (
    PERSONAL_ROLES,
    Attribute,
    Relation,
    Resource,
    ResourceKind,
    Source,
    Via,
)
from profiles.codes import ProfileCode
from profiles.condition_checks import Tested, check_condition, check_where, known_columns
from profiles.draft import Draft
from profiles.resource_checks import KEY_ROLES
from profiles.value_checks import SCALE_MAX, misfit

ORDERED = frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY, ValueType.DATE})
NUMERIC = frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY})


def check_attribute(attribute: Attribute, draft: Draft) -> Iterator[Finding]:
    """Say everything that is wrong with an attribute, in the order of its file."""
    here = draft.place("attribute", attribute.code, attribute.line)
    if attribute.subject not in draft.kinds:
        help_line = nearest_help(attribute.subject, draft.kinds, "kind")
        message = f"`{attribute.code}` is about the unknown kind `{attribute.subject}`"
        yield Finding(ProfileCode.UNKNOWN_KIND, here, message, help_line)
    yield from _check_shape(attribute, here)
    yield from _check_absence(attribute, here)
    for source in attribute.sources:
        place = draft.place("attribute", attribute.code, source.line)
        yield from _check_source(source, attribute, draft, place)
    if attribute.via is not None:
        place = draft.place("attribute", attribute.code, attribute.via.line)
        yield from _check_via(attribute.via, attribute, draft, place)


def _check_shape(attribute: Attribute, here: Place) -> Iterator[Finding]:
    name = attribute.code
    if [bool(attribute.sources), attribute.via is not None, attribute.outcome_of is not None].count(True) != 1:
        message = f"`{name}`: expected exactly one of `sources`, `via` and `outcome_of`"
        yield Finding(ProfileCode.SOURCE_SHAPE, here, message)
    if attribute.outcome_of is not None and attribute.type is not ValueType.BOOL:
        message = f"`outcome_of` gives the type `bool`, `{name}` has `{attribute.type}`"
        yield Finding(ProfileCode.PICK_MISFIT, here, message)
    if attribute.scale and attribute.type is not ValueType.DECIMAL:
        yield Finding(ProfileCode.LIMITS_MISFIT, here, f"`{name}`: only a decimal has a scale")
    if not 0 <= attribute.scale <= SCALE_MAX:
        yield Finding(ProfileCode.LIMITS_MISFIT, here, f"`{name}`: expected a scale of 0 to {SCALE_MAX}")
    if attribute.values and attribute.type is not ValueType.TEXT:
        yield Finding(ProfileCode.VALUE_MISFIT, here, f"`{name}`: only a text has `values`")
    if attribute.max_age_days is not None and attribute.max_age_days < 1:
        yield Finding(ProfileCode.LIMITS_MISFIT, here, f"`{name}`: `max_age_days`: expected 1 or more")


def _check_absence(attribute: Attribute, here: Place) -> Iterator[Finding]:
    if attribute.when_absent == "unknown":
        return
    fault = misfit(attribute.when_absent, attribute.type, scale=attribute.scale, values=attribute.values)
    if fault is not None:
        message = f"`{attribute.code}`: `when_absent`: {fault}"
        help_line = "write `unknown` where absence tells nothing"
        yield Finding(ProfileCode.ABSENT_MISFIT, here, message, help_line)


def _check_source(source: Source, attribute: Attribute, draft: Draft, place: Place) -> Iterator[Finding]:
    resource = draft.resources.get(source.resource)
    if resource is None:
        help_line = nearest_help(source.resource, draft.resources, "resource")
        yield Finding(ProfileCode.UNKNOWN_RESOURCE, place, f"unknown resource `{source.resource}`", help_line)
        return
    if resource.subject != attribute.subject and attribute.subject in draft.kinds:
        message = (
            f"`{resource.resource}` is about a `{resource.subject}`, `{attribute.code}` about a `{attribute.subject}`"
        )
        yield Finding(ProfileCode.SUBJECT_MISFIT, place, message, "draw it through a relation, with `via`")
    if source.window is not None:
        spans = (source.window.days, source.window.months)
        if resource.kind is not ResourceKind.EVENT:
            message = f"a window goes with events, `{resource.resource}` is of the kind `{resource.kind}`"
            yield Finding(ProfileCode.PICK_MISFIT, place, message)
        if spans.count(None) != 1 or any(span is not None and span < 1 for span in spans):
            message = "a window has either `days` or `months`, 1 or more"
            yield Finding(ProfileCode.LIMITS_MISFIT, place, message)
    yield from check_where(source.where, resource, place)
    yield from _check_pick(source, attribute, resource, place)


def _check_pick(source: Source, attribute: Attribute, resource: Resource, place: Place) -> Iterator[Finding]:
    if source.pick in {"count", "any"}:
        wanted = ValueType.INTEGER if source.pick == "count" else ValueType.BOOL
        if attribute.type is not wanted:
            message = f"`pick: {source.pick}` gives the type `{wanted}`, `{attribute.code}` has `{attribute.type}`"
            yield Finding(ProfileCode.PICK_MISFIT, place, message)
        if source.column is not None:
            message = f"`pick: {source.pick}` reads no column"
            yield Finding(ProfileCode.SOURCE_SHAPE, place, message, "leave out `column`; conditions belong to `where`")
        return
    if source.column is None:
        yield Finding(ProfileCode.SOURCE_SHAPE, place, f"`pick: {source.pick}` needs a `column`")
        return
    column = next((each for each in resource.columns if each.name == source.column), None)
    if column is None:
        message = f"`{resource.resource}` has no column `{source.column}`"
        help_line = nearest_help(source.column, known_columns(resource), "column")
        yield Finding(ProfileCode.UNKNOWN_COLUMN, place, message, help_line)
    elif column.role in PERSONAL_ROLES | KEY_ROLES:
        message = f"the column `{column.name}` stays in the vault; no attribute can be drawn from it"
        yield Finding(ProfileCode.NUMBER_IN_FRAME, place, message)
    else:
        yield from _check_order(source.pick, attribute, place)
        if source.values:
            yield from _check_renaming(source, attribute, column.values, place)
        elif column.type != attribute.type or column.scale != attribute.scale:
            message = f"`{column.name}` has the type `{_type(column.type, column.scale)}`"
            message = f"{message}, `{attribute.code}` has `{_type(attribute.type, attribute.scale)}`"
            help_line = "declare the same type on both, or rename with `values`"
            yield Finding(ProfileCode.PICK_MISFIT, place, message, help_line)
        else:
            yield from _check_carried(attribute, column.values, place)


def _check_order(pick: str, attribute: Attribute, place: Place) -> Iterator[Finding]:
    allowed = {"sum": NUMERIC, "max": ORDERED, "min": ORDERED}.get(pick)
    if allowed is not None and attribute.type not in allowed:
        message = f"`pick: {pick}` does not go with the type `{attribute.type}` of `{attribute.code}`"
        yield Finding(ProfileCode.PICK_MISFIT, place, message)


def _check_renaming(source: Source, attribute: Attribute, written: tuple[str, ...], place: Place) -> Iterator[Finding]:
    for word, value in source.values.items():
        if written and word not in written:
            message = f"`values`: the column `{source.column}` never holds `{word}`"
            yield Finding(ProfileCode.VALUE_MISFIT, place, message, nearest_help(word, written, "value"))
        fault = None if value is None else misfit(value, attribute.type, scale=attribute.scale, values=attribute.values)
        if fault is not None:
            yield Finding(ProfileCode.VALUE_MISFIT, place, f"`values`: `{word}`: {fault}")
    if attribute.type is ValueType.TEXT:
        kept = [word for word in written if word not in source.values]
        yield from _check_carried(attribute, tuple(kept), place)


def _check_carried(attribute: Attribute, written: tuple[str, ...], place: Place) -> Iterator[Finding]:
    """Compare what the column may hold with what the attribute may hold."""
    for word in written if attribute.values else ():
        if word not in attribute.values:
            message = f"the column may hold `{word}`, which is not among the `values` of `{attribute.code}`"
            yield Finding(ProfileCode.VALUE_MISFIT, place, message, "add it, or rename it with `values`")


def _type(type_: str, scale: int) -> str:
    return f"{type_} with scale {scale}" if scale else str(type_)


def _check_via(via: Via, attribute: Attribute, draft: Draft, place: Place) -> Iterator[Finding]:
    relation = draft.relations.get(via.relation)
    if relation is None:
        help_line = nearest_help(via.relation, draft.relations, "relation")
        yield Finding(ProfileCode.UNKNOWN_RELATION, place, f"unknown relation `{via.relation}`", help_line)
        return
    if relation.subject != attribute.subject and attribute.subject in draft.kinds:
        message = (
            f"`{relation.code}` starts from a `{relation.subject}`, `{attribute.code}` is about a `{attribute.subject}`"
        )
        yield Finding(ProfileCode.SUBJECT_MISFIT, place, message)
    yield from _check_related_where(via, relation, draft, place)
    needs_none = via.pick == "count" or (via.pick in {"any", "all"} and via.where)
    if via.attribute is not None and via.pick != "count":
        yield from _check_related(via, via.attribute, attribute, draft, place)
    elif (via.attribute is not None) or not needs_none:
        message = "`attribute` is left out for `count`, and only for it"
        help_line = "`any` and `all` may leave it out where they have a `where`" if via.pick in {"any", "all"} else None
        yield Finding(ProfileCode.SOURCE_SHAPE, place, message, help_line)
    else:
        yield from _check_gives(via, attribute, place)


def _check_gives(via: Via, attribute: Attribute, place: Place) -> Iterator[Finding]:
    """Check that an attribute has the type which its pick gives of itself."""
    given = {"count": ValueType.INTEGER, "rank": ValueType.INTEGER, "any": ValueType.BOOL, "all": ValueType.BOOL}
    if attribute.type is not given[via.pick]:
        message = f"`pick: {via.pick}` gives the type `{given[via.pick]}`, `{attribute.code}` has `{attribute.type}`"
        yield Finding(ProfileCode.PICK_MISFIT, place, message)


def _check_related_where(via: Via, relation: Relation, draft: Draft, place: Place) -> Iterator[Finding]:
    """Check the conditions on the facts of related subjects."""
    for code, condition in via.where.items():
        of = draft.attributes.get(code)
        if of is None:
            help_line = nearest_help(code, draft.attributes, "attribute")
            yield Finding(ProfileCode.UNKNOWN_ATTRIBUTE, place, f"`where`: unknown attribute `{code}`", help_line)
        elif of.subject != relation.other:
            message = f"`where`: `{relation.code}` leads to a `{relation.other}`, `{code}` is about a `{of.subject}`"
            yield Finding(ProfileCode.SUBJECT_MISFIT, place, message)
        else:
            yield from check_condition(Tested(code, of.type, of.scale, of.values), condition, place)


def _check_related(via: Via, code: str, attribute: Attribute, draft: Draft, place: Place) -> Iterator[Finding]:
    relation = draft.relations[via.relation]
    of = draft.attributes.get(code)
    if of is None:
        help_line = nearest_help(code, draft.attributes, "attribute")
        yield Finding(ProfileCode.UNKNOWN_ATTRIBUTE, place, f"unknown attribute `{code}`", help_line)
        return
    if of.subject != relation.other:
        message = f"`{via.relation}` leads to a `{relation.other}`, `{of.code}` is about a `{of.subject}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, place, message)
    if via.pick == "rank":
        yield from _check_rank(of, relation, place)
        yield from _check_gives(via, attribute, place)
    elif (of.type, of.scale) != (attribute.type, attribute.scale):
        message = f"`{of.code}` has the type `{_type(of.type, of.scale)}`"
        message = f"{message}, `{attribute.code}` has `{_type(attribute.type, attribute.scale)}`"
        yield Finding(ProfileCode.PICK_MISFIT, place, message)
    elif via.pick in {"any", "all"} and of.type is not ValueType.BOOL:
        yield Finding(ProfileCode.PICK_MISFIT, place, f"`pick: {via.pick}` goes with the type `bool`")
    else:
        yield from _check_order(via.pick, attribute, place)


def _check_rank(of: Attribute, relation: Relation, place: Place) -> Iterator[Finding]:
    if relation.subject != relation.other:
        message = (
            f"`{relation.code}` leads from a `{relation.subject}` to a `{relation.other}`: they have no common order"
        )
        yield Finding(ProfileCode.SUBJECT_MISFIT, place, message, "rank over a relation between subjects of one kind")
    if of.type not in ORDERED:
        message = f"`pick: rank` does not go with the type `{of.type}` of `{of.code}`"
        yield Finding(ProfileCode.PICK_MISFIT, place, message)
