"""What is checked of relations, of kinds that belong to others, and that no fact is drawn from itself."""

from collections.abc import Iterator

from core.findings import Finding, Place, nearest_help
from core.values import ValueType
from profiles.catalogue import Relation, Resource, SubjectKind, facts_behind
from profiles.codes import ProfileCode
from profiles.condition_checks import check_where
from profiles.draft import Draft


def check_relation(relation: Relation, draft: Draft) -> Iterator[Finding]:
    """Say everything that is wrong with a relation."""
    here = draft.place("relation", relation.code, relation.line)
    for field, kind in (("subject", relation.subject), ("other", relation.other)):
        if kind not in draft.kinds:
            help_line = nearest_help(kind, draft.kinds, "kind")
            yield Finding(ProfileCode.UNKNOWN_KIND, here, f"`{field}` names the unknown kind `{kind}`", help_line)
    forms = [bool(relation.steps), relation.by is not None, relation.resource is not None and relation.by is None]
    if forms.count(True) != 1:
        message = f"`{relation.code}`: expected a `resource`, or `steps`, or a `resource` with `column` and `by`"
        yield Finding(ProfileCode.SOURCE_SHAPE, here, message)
    elif relation.steps:
        yield from _check_steps(relation, draft, here)
    else:
        yield from _check_drawn(relation, draft, here)


def _check_steps(relation: Relation, draft: Draft, here: Place) -> Iterator[Finding]:
    """Check that each step starts where the one before it ends."""
    at = relation.subject
    for code in relation.steps:
        step = draft.relations.get(code)
        if step is None or step.steps:
            message = f"unknown relation `{code}`" if step is None else f"the step `{code}` has steps itself"
            help_line = nearest_help(code, draft.relations, "relation") if step is None else "write its steps out"
            yield Finding(ProfileCode.UNKNOWN_RELATION, here, message, help_line)
            return
        if step.subject != at:
            message = f"the step `{code}` starts from a `{step.subject}`, the one before it ends at a `{at}`"
            yield Finding(ProfileCode.SUBJECT_MISFIT, here, message)
        at = step.other
    if at != relation.other:
        message = f"the steps of `{relation.code}` end at a `{at}`, not at a `{relation.other}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message)
    if relation.reverse or relation.where:
        message = "`reverse` and `where` belong to the steps"
        yield Finding(ProfileCode.SOURCE_SHAPE, here, message, "declare a relation for the step")


def _check_drawn(relation: Relation, draft: Draft, here: Place) -> Iterator[Finding]:
    resource = draft.resources.get(relation.resource or "")
    if resource is None:
        help_line = nearest_help(relation.resource or "", draft.resources, "resource")
        yield Finding(ProfileCode.UNKNOWN_RESOURCE, here, f"unknown resource `{relation.resource}`", help_line)
        return
    if relation.by is not None:
        yield from _check_by_region(relation, relation.by, resource, draft, here)
        return
    ends = (relation.other, relation.subject) if relation.reverse else (relation.subject, relation.other)
    if (resource.subject, resource.other) != ends:
        message = f"`{resource.resource}` leads from `{resource.subject}` to `{resource.other or 'nothing'}`"
        help_line = "exchange `subject` and `other`, or set `reverse: true`" if resource.other else "give it an `other`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message, help_line)
    yield from check_where(relation.where, resource, here)


def _check_by_region(relation: Relation, by: str, resource: Resource, draft: Draft, here: Place) -> Iterator[Finding]:
    own = draft.attributes.get(by)
    if own is None:
        help_line = nearest_help(by, draft.attributes, "attribute")
        yield Finding(ProfileCode.UNKNOWN_ATTRIBUTE, here, f"`by`: unknown attribute `{by}`", help_line)
    elif own.subject != relation.subject or own.type is not ValueType.REGION:
        message = f"`by`: expected a `region` about a `{relation.subject}`, found `{by}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message)
    column = next((each for each in resource.columns if each.name == relation.column), None)
    if column is None or column.type != "region":
        regions = [each.name for each in resource.columns if each.type == "region"]
        message = f"`{resource.resource}` has no column `{relation.column}` of type `region`"
        help_line = nearest_help(relation.column or "", regions, "column") or "repeat the number with `same_as`"
        yield Finding(ProfileCode.UNKNOWN_COLUMN, here, message, help_line)
    if resource.subject != relation.other:
        message = f"`{resource.resource}` is about a `{resource.subject}`, not about a `{relation.other}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message)
    if relation.reverse or relation.where:
        message = "`reverse` and `where` do not go with `by`"
        yield Finding(ProfileCode.SOURCE_SHAPE, here, message, "leave them out")


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
    steps = [draft.relations[code] for code in relation.steps if code in draft.relations]
    if any(each.by is not None for each in (relation, *steps)):
        message = f"`{relation.code}` leads to an area, to which nothing is paid"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message, "name a relation to whoever is paid")
    if relation.code in draft.attributes:
        message = f"the relation `{relation.code}` is called like an attribute"
        yield Finding(ProfileCode.TWICE, here, message, "an owner who is unknown is told by the relation's code")


def check_circles(draft: Draft) -> Iterator[Finding]:
    """Say which attributes are drawn, through relations, from themselves: each circle once, by its first member."""
    for code, attribute in draft.attributes.items():
        path = _circle(code, draft)
        if path:
            place = draft.place("attribute", attribute.code, attribute.line)
            message = "drawn from itself: " + " ← ".join(f"`{each}`" for each in path)
            yield Finding(ProfileCode.CIRCLE, place, message)


def _circle(code: str, draft: Draft) -> tuple[str, ...]:
    """Return the shortest way from a fact back to it over facts that come after it by name; empty: there is none."""
    paths, seen = list[tuple[str, ...]]([(code,)]), set[str]()
    for path in paths:  # grows while it is read
        attribute = draft.attributes.get(path[-1])
        for following in sorted(facts_behind(attribute, draft.relations)) if attribute else ():
            if following == code:
                return (*path, code)
            if following > code and following not in seen:
                seen.add(following)
                paths.append((*path, following))
    return ()
