"""岗位权限: who may do what, over what, on which days; given and taken by an operator, with a reason."""

from typing import Final

from starlette.responses import Response

from core.roles import EVERYTHING, Role, ScopeKind
from engine.appointing import appoint, dismiss, scope_of
from engine.authority import is_required, open_access
from pages.terminal.roles import ROLE_WORDS, scope_words
from pages.web.console.deeds import REASON, Ask, Asks, Deed, deed_routes, given_among, given_day, open_deeds, today
from pages.web.routes import For, Route, page
from pages.web.visits import Visit
from store.roles import Post, RoleHeld, read_roles

PLACE: Final = "/console/roles"
_OPERATORS: Final = (Role.OPERATOR,)
_VIEWERS: Final = (Role.OPERATOR, Role.AUDITOR, Role.SUPERVISOR)


def routes() -> list[Route]:
    """Return the routes."""
    return [page(PLACE, listed, For.OFFICER, _VIEWERS), *deed_routes(PLACE, DEEDS)]


def listed(visit: Visit) -> Response:
    """Show every role that stands or will, and below what was taken or is over."""
    on = today(visit)
    with visit.deployment.store.reading() as rx:
        every = [each for each in read_roles(rx) if _is_seen(visit, each)]
    stands = [each for each in every if each.is_granted and (each.valid_through is None or on <= each.valid_through)]
    return visit.page(
        "console/roles.html",
        stands=stands,
        over=[each for each in every if each not in stands],
        on=on,
        is_required=is_required(visit.deployment),
        warnings=visit.said(open_access(visit.deployment)),
        words=visit.words.table(ROLE_WORDS),
        scope=scope_words,
        deeds=open_deeds(visit, DEEDS, None),
        done=visit.asked("done"),
    )


def _is_seen(visit: Visit, held: RoleHeld) -> bool:
    """Say whether somebody sees a role: of whoever may see to their policies, and their own."""
    is_own = held.who == visit.by or held.scope == EVERYTHING
    return (
        is_own
        or (held.scope.kind is ScopeKind.POLICY and visit.remit.covers(held.scope.name))
        or (held.scope.kind is ScopeKind.DEPARTMENT and held.scope.name in visit.remit.departments)
        or visit.remit.is_whole
    )


def give(visit: Visit) -> Response:
    """Give somebody a role, at once or from a day on."""
    post = _post(visit)
    held = appoint(
        visit.deployment,
        post,
        by=visit.by,
        reason=visit.given("reason"),
        valid_from=given_day(visit, "since"),
        valid_through=given_day(visit, "through"),
    )
    return visit.say(
        PLACE,
        "%(who)s 自 %(since)s 起任%(role)s",
        who=post.who,
        since=held.valid_from,
        role=visit.words(ROLE_WORDS[post.role]),
    )


def take(visit: Visit) -> Response:
    """Take a role from somebody; it counts from the next thing that they do."""
    post = _post(visit)
    dismiss(visit.deployment, post, by=visit.by, reason=visit.given("reason"))
    return visit.say(PLACE, "%(who)s 不再任%(role)s", who=post.who, role=visit.words(ROLE_WORDS[post.role]))


def _post(visit: Visit) -> Post:
    over = scope_of(visit.deployment, visit.given("over") or "everything")
    return Post(visit.given("who"), given_among(visit, "role", Role), over)


_WHICH: Final = (
    Ask("who", "登录名", longest=100),
    Ask("role", "角色", Asks.CHOICE, choices={str(role): words for role, words in ROLE_WORDS.items()}),
    Ask("over", "范围（不填即全部）", is_needed=False, hint="policy:编码、department:部门、region:区划", longest=200),
)
DEEDS: Final[tuple[Deed[None], ...]] = (
    Deed(
        "grant", "授予角色", _OPERATORS, give,
        asks=(
            *_WHICH, REASON, Ask("since", "自（不填即今天）", Asks.DAY, is_needed=False),
            Ask("through", "至（不填即长期）", Asks.DAY, is_needed=False),
        ),
        note="不能授予自己；下一次操作起生效。", is_sensitive=True,
    ),
    Deed("revoke", "收回角色", _OPERATORS, take, asks=(*_WHICH, REASON), note="下一次操作起生效。", is_sensitive=True),
)  # fmt: skip
