"""What is checked of attributes and relations: that each is drawn from something that can give it."""

from collections.abc import Iterator

from core.findings import Finding, Place, nearest_help
from core.values import ValueType
from profiles.catalogue import PERSONAL_ROLES, Attribute, Relation, Resource, ResourceKind, Source, SubjectKind, Via
from profiles.codes import ProfileCode
from profiles.condition_checks import check_where, known_columns
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
    if bool(attribute.sources) == (attribute.via is not None):
        message = f"`{name}`: expected exactly one of `sources` and `via`"
        yield Finding(ProfileCode.SOURCE_SHAPE, here, message)
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
    if via.pick == "count" or via.attribute is None:
        if via.attribute is not None or via.pick != "count":
            message = "`attribute` is left out for `count`, and only for it"
            yield Finding(ProfileCode.SOURCE_SHAPE, place, message)
        elif attribute.type is not ValueType.INTEGER:
            message = f"`pick: count` gives the type `integer`, `{attribute.code}` has `{attribute.type}`"
            yield Finding(ProfileCode.PICK_MISFIT, place, message)
        return
    yield from _check_related(via, attribute, draft, place)


def _check_related(via: Via, attribute: Attribute, draft: Draft, place: Place) -> Iterator[Finding]:
    other = draft.relations[via.relation].other
    of = draft.attributes.get(via.attribute or "")
    if of is None:
        help_line = nearest_help(via.attribute or "", draft.attributes, "attribute")
        yield Finding(ProfileCode.UNKNOWN_ATTRIBUTE, place, f"unknown attribute `{via.attribute}`", help_line)
        return
    if of.subject != other:
        message = f"`{via.relation}` leads to a `{other}`, `{of.code}` is about a `{of.subject}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, place, message)
    if (of.type, of.scale) != (attribute.type, attribute.scale):
        message = f"`{of.code}` has the type `{_type(of.type, of.scale)}`"
        message = f"{message}, `{attribute.code}` has `{_type(attribute.type, attribute.scale)}`"
        yield Finding(ProfileCode.PICK_MISFIT, place, message)
    elif via.pick == "any" and of.type is not ValueType.BOOL:
        yield Finding(ProfileCode.PICK_MISFIT, place, "`pick: any` goes with the type `bool`")
    else:
        yield from _check_order(via.pick, attribute, place)


def check_relation(relation: Relation, draft: Draft) -> Iterator[Finding]:
    """Say everything that is wrong with a relation."""
    here = draft.place("relation", relation.code, relation.line)
    for field, kind in (("subject", relation.subject), ("other", relation.other)):
        if kind not in draft.kinds:
            help_line = nearest_help(kind, draft.kinds, "kind")
            yield Finding(ProfileCode.UNKNOWN_KIND, here, f"`{field}` names the unknown kind `{kind}`", help_line)
    resource = draft.resources.get(relation.resource)
    if resource is None:
        help_line = nearest_help(relation.resource, draft.resources, "resource")
        yield Finding(ProfileCode.UNKNOWN_RESOURCE, here, f"unknown resource `{relation.resource}`", help_line)
        return
    ends = (relation.other, relation.subject) if relation.reverse else (relation.subject, relation.other)
    if (resource.subject, resource.other) != ends:
        message = f"`{resource.resource}` leads from `{resource.subject}` to `{resource.other or 'nothing'}`"
        help_line = "exchange `subject` and `other`, or set `reverse: true`" if resource.other else "give it an `other`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message, help_line)
    yield from check_where(relation.where, resource, here)


def check_kind(kind: SubjectKind, draft: Draft) -> Iterator[Finding]:
    """Say what is wrong with the relation over which subjects of a kind belong to their owners."""
    if kind.of is None:
        return
    here = draft.place("kind", kind.code, kind.line)
    relation = draft.relations.get(kind.of)
    if relation is None:
        help_line = nearest_help(kind.of, draft.relations, "relation")
        yield Finding(ProfileCode.UNKNOWN_RELATION, here, f"unknown relation `{kind.of}`", help_line)
        return
    if relation.subject != kind.code:
        message = f"`{relation.code}` starts from a `{relation.subject}`, not from a `{kind.code}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message, "name a relation from the kind to its owner")
    owner = draft.kinds.get(relation.other)
    if owner is not None and owner.of is not None:
        message = f"a `{kind.code}` belongs to a `{owner.code}`, which belongs to somebody itself"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message, "lead to the one who is paid, in two `steps`")
    if relation.code in draft.attributes:
        message = f"the relation `{relation.code}` is called like an attribute"
        yield Finding(ProfileCode.TWICE, here, message, "an owner who is unknown is told by the relation's code")


def check_circles(draft: Draft) -> Iterator[Finding]:
    """Say which attributes are drawn, through relations, from themselves."""
    for attribute in draft.attributes.values():
        path = [attribute.code]
        while True:
            here = draft.attributes.get(path[-1])
            following = here.via.attribute if here is not None and here.via is not None else None
            if following is None or following in path[1:]:
                break
            path.append(following)
            if following == attribute.code == min(path):
                place = draft.place("attribute", attribute.code, attribute.line)
                message = "drawn from itself: " + " ← ".join(f"`{code}`" for code in path)
                yield Finding(ProfileCode.CIRCLE, place, message)
