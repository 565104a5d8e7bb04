"""Who has which role over what: dated steps, never edited; a step counts from the next request on.

Nothing is cached: every question reads the steps again (A3).
"""

import datetime as dt
from dataclasses import dataclass, fields

import sqlalchemy as sa

from core.clock import civil_day
from core.errors import RefusedError
from core.roles import EVERYTHING, Role, Scope
from store.access_codes import AccessCode
from store.audit import record, words_digest
from store.audit_chain import JSON
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.tables import RoleStep, table_of

_STEP = table_of(RoleStep)


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """One role as it stands: given, over what, on which days, by whom and why; or taken."""

    who: str
    role: Role
    scope: Scope
    is_granted: bool
    valid_from: dt.date
    valid_through: dt.date | None
    taken_at: dt.datetime
    taken_by: str
    reason: str

    def holds_on(self, day: dt.date) -> bool:
        """Say whether somebody has the role on a day."""
        return self.is_granted and self.valid_from <= day and (self.valid_through is None or day <= self.valid_through)


@dataclass(frozen=True, slots=True)
class Post:
    """What is given or taken: somebody's role over a scope."""

    who: str
    role: Role
    scope: Scope = EVERYTHING


def grant_role(
    tx: Writing,
    post: Post,
    *,
    by: str,
    reason: str,
    valid_from: dt.date | None = None,
    valid_through: dt.date | None = None,
) -> RoleHeld:
    """Give somebody a role over a scope, from today or another day on.

    The first operator may give the role to themselves, for there is nobody else yet.
    Fails: RefusedError where they have it on these days already, where the days are not in order, or where somebody
           gives themselves a role.
    """
    today = civil_day(tx.now)
    step = RoleHeld(
        post.who,
        post.role,
        post.scope,
        True,
        valid_from or today,
        valid_through,
        tx.now,
        by,
        reason,  # a column
    )
    _say(tx, "role.granted", step)
    _take_turns(tx)
    is_first = post.role is Role.OPERATOR and not _operators(tx, today)
    if by == post.who and not is_first:
        message, remedy = f"`{by}` may not give themselves a role", "have an operator give it"
        raise RefusedError.one(AccessCode.OWN_ROLE, post.who, message, remedy)
    if valid_through is not None and valid_through < max(step.valid_from, today):
        message = f"the role would end on {valid_through}, before it begins or in the past"
        raise RefusedError.one(AccessCode.ROLE_STANDS, post.who, message, "give days in order, that are not over")
    before = _standing(tx, post)
    if before is not None and before.is_granted and (before.valid_from, before.valid_through) == _days(step):
        message = f"`{post.who}` is {post.role} over {post.scope} on these days already"
        raise RefusedError.one(
            AccessCode.ROLE_STANDS, post.who, message, "nothing is left to do; look at `mianshen roles list`"
        )
    _insert(tx, step)
    return step


def revoke_role(tx: Writing, post: Post, *, by: str, reason: str) -> RoleHeld:
    """Take a role from somebody, from this moment on.

    Fails: RefusedError where they do not have it, or where nobody would be left who gives roles.
    """
    today = civil_day(tx.now)
    step = RoleHeld(post.who, post.role, post.scope, False, today, None, tx.now, by, reason)  # a column
    _say(tx, "role.revoked", step)
    _take_turns(tx)
    before = _standing(tx, post)
    if before is None or not before.is_granted:
        message = f"`{post.who}` is not {post.role} over {post.scope}"
        raise RefusedError.one(AccessCode.ROLE_STANDS, post.who, message, "look at `mianshen roles list`")
    if post.role is Role.OPERATOR and _operators(tx, today) == {post.who} and post.scope == EVERYTHING:
        message = f"`{post.who}` is the only operator, and nobody would be left who gives roles"
        raise RefusedError.one(AccessCode.LAST_OPERATOR, post.who, message, "make another person operator first")
    _insert(tx, step)
    return step


def roles_of(rx: Reading, who: str) -> tuple[RoleHeld, ...]:
    """Return the roles that somebody has today."""
    today = civil_day(rx.now)
    return tuple(each for each in read_roles(rx, who) if each.holds_on(today))


def read_roles(rx: Reading, who: str | None = None) -> tuple[RoleHeld, ...]:
    """Return how every role stands that was ever given, by person, role and scope; taken ones too."""
    newest = sa.select(sa.func.max(_STEP.c.number)).group_by(_STEP.c.who, _STEP.c.role, _STEP.c.scope)
    chosen = sa.select(*(_STEP.c[each.name] for each in fields(RoleHeld))).where(_STEP.c.number.in_(newest))
    if who is not None:
        chosen = chosen.where(_STEP.c.who == who)
    return tuple(_held(row) for row in rx.connection.execute(chosen.order_by(_STEP.c.who, _STEP.c.role, _STEP.c.scope)))


def _held(row: sa.Row[*tuple[object, ...]]) -> RoleHeld:
    values = dict(row._mapping)  # noqa: SLF001  # the public name of a row's columns
    scope = Scope.parse(str(values.pop("scope")))
    assert scope is not None
    return RoleHeld(**values, scope=scope)


def _standing(rx: Reading, post: Post) -> RoleHeld | None:
    own = (each for each in read_roles(rx, post.who) if (each.role, each.scope) == (post.role, post.scope))
    return next(own, None)


def _operators(rx: Reading, today: dt.date) -> set[str]:
    """Return who gives and takes roles today, over everything."""
    every = read_roles(rx)
    return {
        each.who for each in every if each.role is Role.OPERATOR and each.scope == EVERYTHING and each.holds_on(today)
    }


def _take_turns(tx: Writing) -> None:
    """Let one person at a time change roles: two last operators could each take the other's."""
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(sa.text("lock table role_step in share row exclusive mode"))


def _days(step: RoleHeld) -> tuple[dt.date, dt.date | None]:
    return step.valid_from, step.valid_through


def _say(tx: Writing, event: str, step: RoleHeld) -> None:
    through = None if step.valid_through is None else str(step.valid_through)
    said: dict[str, JSON] = {"role": step.role, "scope": str(step.scope), "reason": words_digest(step.reason)}
    record(tx, event, by=step.taken_by, about=step.who, said=said | {"from": str(step.valid_from), "through": through})


def _insert(tx: Writing, step: RoleHeld) -> None:
    row = {each.name: getattr(step, each.name) for each in fields(RoleHeld)}
    insert_rows(tx, RoleStep, [row | {"scope": str(step.scope)}])
