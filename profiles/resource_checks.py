"""What is checked of a resource: its columns, their roles, and what one load must bring."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from core.findings import Finding, Place, nearest_help
from core.values import ValueType
from profiles.catalogue import PERSONAL_ROLES, Column, Delivery, NumberType, Resource, ResourceKind, Role
from profiles.codes import ProfileCode
from profiles.draft import Draft
from profiles.value_checks import SCALE_MAX, misfit

NUMBER_TYPES: frozenset[str] = frozenset(get_args(NumberType))
NUMERIC_TYPES = frozenset({"integer", "decimal", "money"})
NUMBER_ROLES = frozenset({Role.SUBJECT, Role.OTHER, Role.FORMER})
KEY_ROLES = NUMBER_ROLES | {Role.ROW_KEY, Role.OPERATION}
"""Columns that name rows and subjects; they do not stand in frames under their own name."""

FRAME_COLUMNS = frozenset({"subject_id", "other_id", "row_number", "row_key", "operation", "day", "through", "load_id"})
DATE_ROLES = {
    Role.VALID_FROM: ResourceKind.SPELL,
    Role.VALID_THROUGH: ResourceKind.SPELL,
    Role.DAY: ResourceKind.EVENT,
}


def check_resource(resource: Resource, draft: Draft) -> Iterator[Finding]:
    """Say everything that is wrong with a resource, in the order of its file."""
    here = draft.place("resource", resource.resource, resource.line)
    for field, kind in (("subject", resource.subject), ("other", resource.other)):
        if kind is not None and kind not in draft.kinds:
            help_line = nearest_help(kind, draft.kinds, "kind")
            yield Finding(ProfileCode.UNKNOWN_KIND, here, f"`{field}` names the unknown kind `{kind}`", help_line)
    yield from _check_limits(resource, here)
    yield from _check_regions(resource, draft)
    yield from _check_roles_present(resource, here)
    yield from _check_names(resource, draft)
    for column in resource.columns:
        place = draft.place("resource", resource.resource, column.line)
        yield from _check_copy(column, resource, place)
        yield from _check_role(column, resource, draft, place)
        yield from _check_values(column, place)


def _check_limits(resource: Resource, here: Place) -> Iterator[Finding]:
    hundred = 100
    for field, value, most in (
        ("fresh_days", resource.fresh_days, None),
        ("rows_least", resource.rows_least, None),
        ("drop_most_percent", resource.drop_most_percent, hundred),
        ("quarantine_most_percent", resource.quarantine_most_percent, hundred),
    ):
        if value < 0 or (most is not None and value > most):
            expected = "0 or more" if most is None else f"0 to {most}"
            yield Finding(ProfileCode.LIMITS_MISFIT, here, f"`{field}`: expected {expected}, found `{value}`")


def _check_regions(resource: Resource, draft: Draft) -> Iterator[Finding]:
    place = draft.place("resource", resource.resource, resource.regions.line)
    named = resource.regions.column
    column = next((each for each in resource.columns if each.name == named), None)
    if named is not None and column is None:
        help_line = nearest_help(named, [each.name for each in resource.columns], "column")
        yield Finding(ProfileCode.UNKNOWN_COLUMN, place, f"`regions` names the unknown column `{named}`", help_line)
    elif column is not None and column.type != "region":
        message = f"`regions` names the column `{named}`, which is not of type `region`"
        yield Finding(ProfileCode.UNKNOWN_COLUMN, place, message)
    for code in resource.regions.expects:
        if not (code.isdecimal() and code.isascii()):
            message = f"`regions`: expected the digits of a region code, found `{code}`"
            yield Finding(ProfileCode.VALUE_MISFIT, place, message)


def _check_roles_present(resource: Resource, here: Place) -> Iterator[Finding]:
    needed = [(Role.SUBJECT, "every resource")]
    if resource.kind is ResourceKind.SPELL:
        needed.append((Role.VALID_FROM, "a spell"))
    if resource.kind is ResourceKind.EVENT:
        needed.append((Role.DAY, "an event"))
    if resource.delivery is Delivery.INCREMENT:
        needed.append((Role.ROW_KEY, "an increment"))
    if resource.other is not None:
        needed.append((Role.OTHER, "a resource with `other`"))
    for role, whose in needed:
        if resource.column_of(role) is None:
            message = f"`{resource.resource}` has no column with the role `{role}`"
            yield Finding(ProfileCode.ROLE_MISSING, here, message, f"{whose} needs one")
    if resource.kind is ResourceKind.SNAPSHOT and resource.delivery is Delivery.INCREMENT:
        help_line = "declare it as a spell, or let each delivery bring the whole list"
        yield Finding(ProfileCode.ROLE_MISPLACED, here, "a snapshot cannot come in increments", help_line)


def _check_names(resource: Resource, draft: Draft) -> Iterator[Finding]:
    seen: set[str] = set()
    for column in resource.columns:
        place = draft.place("resource", resource.resource, column.line)
        if column.name in seen:
            yield Finding(ProfileCode.TWICE, place, f"`{column.name}` names two columns")
        elif column.name in FRAME_COLUMNS - {column.role} or column.name != column.name.strip():
            yield Finding(ProfileCode.BAD_NAME, place, f"a column cannot be called `{column.name}`", "rename it")
        seen.add(column.name)
    roles = Counter(column.role for column in resource.columns if column.role is not None)
    for column in resource.columns:
        if column.role is not None and roles[column.role] > 1:
            place = draft.place("resource", resource.resource, column.line)
            yield Finding(ProfileCode.TWICE, place, f"two columns have the role `{column.role}`", "leave it on one")


def _check_copy(column: Column, resource: Resource, place: Place) -> Iterator[Finding]:
    """Check what a column repeats; of numbers only record keys, and only as codes of areas, which name nobody."""
    if column.same_as is None:
        return
    names = [each.name for each in resource.columns if each.same_as is None]
    source = next((each for each in resource.columns if each.name == column.same_as and each.same_as is None), None)
    if source is None:
        message = f"`{column.name}` repeats the unknown column `{column.same_as}`"
        yield Finding(ProfileCode.UNKNOWN_COLUMN, place, message, nearest_help(column.same_as, names, "column"))
    elif source.role in PERSONAL_ROLES or (
        source.type in NUMBER_TYPES and (source.type, column.type) != ("record_key", "region")
    ):
        message = f"`{column.name}` would bring `{source.name}`, which stays in the vault, into frames"
        help_line = "only a `record_key` may be repeated, and only as a `region`"
        yield Finding(ProfileCode.NUMBER_IN_FRAME, place, message, help_line)


def _check_role(column: Column, resource: Resource, draft: Draft, place: Place) -> Iterator[Finding]:
    role = column.role
    if column.rank is not None and role is not Role.ACCOUNT:
        message = f"`{column.name}` has a rank, and is no account"
        yield Finding(ProfileCode.ROLE_MISPLACED, place, message, "a rank goes with the role `account`")
    if role is None:
        if column.type in NUMBER_TYPES:
            message = f"`{column.name}` would bring numbers of subjects into frames"
            help_line = "give it the role `other` or `former`, or leave it out"
            yield Finding(ProfileCode.NUMBER_IN_FRAME, place, message, help_line)
        return
    wanted = _wanted_types(column, resource, draft)
    if wanted and column.type not in wanted:
        expected = " or ".join(f"`{each}`" for each in wanted)
        message = f"`{column.name}` has the role `{role}`: expected the type {expected}, found `{column.type}`"
        yield Finding(ProfileCode.ROLE_MISPLACED, place, message)
    if role in DATE_ROLES and resource.kind is not DATE_ROLES[role]:
        message = f"the role `{role}` does not go with the kind `{resource.kind}`"
        yield Finding(ProfileCode.ROLE_MISPLACED, place, message, f"it belongs to the kind `{DATE_ROLES[role]}`")
    if role is Role.OPERATION and resource.delivery is not Delivery.INCREMENT:
        message = "the role `operation` does not go with full deliveries"
        yield Finding(ProfileCode.ROLE_MISPLACED, place, message, "it belongs to `delivery: increment`")
    if role is Role.OTHER and resource.other is None:
        message = f"`{column.name}` has the role `other`, but the resource does not say of which kind"
        yield Finding(ProfileCode.ROLE_MISPLACED, place, message, "add `other:` with a kind")
    if role is Role.SUBJECT and column.optional:
        yield Finding(ProfileCode.ROLE_MISPLACED, place, "the number of the subject cannot be optional")
    if role is Role.ROW_KEY and column.optional and resource.delivery is Delivery.INCREMENT:
        yield Finding(ProfileCode.ROLE_MISPLACED, place, "the row key of an increment cannot be optional")


def _wanted_types(column: Column, resource: Resource, draft: Draft) -> tuple[str, ...]:
    match column.role:
        case Role.SUBJECT | Role.FORMER | Role.OTHER:
            kind = draft.kinds.get(resource.other or "" if column.role is Role.OTHER else resource.subject)
            return () if kind is None else (kind.number,)
        case Role.VALID_FROM | Role.VALID_THROUGH | Role.DAY:
            return ("date",)
        case Role.ROW_KEY:
            return ("text", *sorted(NUMBER_TYPES))
        case _:
            return ("text",)


def _check_values(column: Column, place: Place) -> Iterator[Finding]:
    if column.scale and column.type != "decimal":
        yield Finding(ProfileCode.LIMITS_MISFIT, place, f"`{column.name}`: only a decimal has a scale")
    if not 0 <= column.scale <= SCALE_MAX:
        yield Finding(ProfileCode.LIMITS_MISFIT, place, f"`{column.name}`: expected a scale of 0 to {SCALE_MAX}")
    if column.values and column.type != "text":
        yield Finding(ProfileCode.VALUE_MISFIT, place, f"`{column.name}`: only a text has `values`")
    if len(set(column.values)) < len(column.values):
        yield Finding(ProfileCode.VALUE_MISFIT, place, f"`{column.name}`: one of its `values` stands twice")
    bounds = [(word, getattr(column, word)) for word in ("at_least", "at_most") if getattr(column, word) is not None]
    for word, bound in bounds:
        if column.type not in NUMERIC_TYPES:
            message = f"`{column.name}`: `{word}` goes with numbers only"
            yield Finding(ProfileCode.VALUE_MISFIT, place, message)
        elif (fault := misfit(bound, ValueType(column.type), scale=column.scale)) is not None:
            yield Finding(ProfileCode.VALUE_MISFIT, place, f"`{column.name}`: `{word}`: {fault}")
    if column.at_least is not None and column.at_most is not None and column.at_least > column.at_most:
        message = f"`{column.name}`: `at_least` is above `at_most`"
        yield Finding(ProfileCode.LIMITS_MISFIT, place, message, "exchange them")
