"""Policies as officers find them: what stands, what is a draft, what changed, and stopping, ending or setting one back."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from core.clock import civil_day
from core.roles import Role
from core.searching import has_every_word
from engine.authoring.drafts import NewPolicy, guide_of_draft, new_policy, next_draft, text_of
from engine.authoring.shelf import ShelfPolicy, ShelfVersion, shelf_of
from engine.desks import POLICIES
from engine.explaining.fact_words import unit_of, value_words
from engine.lifecycle.history import history_of
from engine.lifecycle.suspending import Choice, resume, suspend
from pages.terminal.diff import KIND_WORDS, SECTION_WORDS, result_words
from pages.terminal.lifecycle import STATE_WORDS
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from rules.bound import RuleVersion
from rules.diff import compare_versions
from rules.effects import Affected
from rules.reading import parse_version
from rules.standing import StandState
from store.states.rules import VersionState

PLACE: Final = "/console/policies"
WRITES: Final = frozenset({Role.OFFICER})
SIGNS: Final = frozenset({Role.APPROVER})
_STOPS: Final = frozenset({Role.OFFICER, Role.APPROVER, Role.SUPERVISOR, Role.OPERATOR})

STANDS: Final[Mapping[StandState, str]] = {
    StandState.IN_FORCE: "执行中",
    StandState.REPEALED: "已废止",
    StandState.SUSPENDED: "已暂停",
    StandState.LAPSED: "已到期",
    StandState.NOT_BEGUN: "待启用",
}

GROUPS: Final[Mapping[str, tuple[str, Callable[[ShelfPolicy], bool]]]] = {
    "all": ("全部", lambda _: True),
    "waiting": ("待审批", lambda each: each.waiting is not None),
    "drafts": ("有草稿", lambda each: bool(each.drafts)),
    "stopped": ("已暂停", lambda each: each.suspension is not None),
}
"""How the list is cut."""

_NAMES: Final = {"main": "基本", "basis": "依据（份数）", "examples": "算例（个数）", "summary": "一句话说明"}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, POLICIES),
        deed(PLACE + "/new", begin_policy, For.OFFICER, WRITES),
        page(PLACE + "/{policy}", shown, For.OFFICER, POLICIES),
        deed(PLACE + "/{policy}/draft", begin_version, For.OFFICER, WRITES),
        deed(PLACE + "/{policy}/suspend", stop, For.OFFICER, _STOPS),
        deed(PLACE + "/{policy}/resume", let_go_on, For.OFFICER, SIGNS, is_sensitive=True),
        page(PLACE + "/{policy}/{version}", worded, For.OFFICER, POLICIES),
        page(PLACE + "/{policy}/{version}/difference", compared, For.OFFICER, POLICIES),
    ]


def listed(visit: Visit) -> Response:
    """Show the policies of a group, and how many there are in each."""
    shelf = shelf_of(visit.deployment, remit=visit.remit)
    chosen = visit.asked("group") if visit.asked("group") in GROUPS else next(iter(GROUPS))
    counts = {name: sum(map(is_in, shelf.policies.values())) for name, (_, is_in) in GROUPS.items()}
    words = visit.asked("words")
    shown = [each for each in shelf.policies.values() if GROUPS[chosen][1](each) and _is_meant(each, words)]
    return visit.page(
        "console/policies.html",
        rows=shown,
        words_asked=words,
        patterns=list(shelf.policies.values()),
        unreadable=visit.said(shelf.unreadable),
        groups=GROUPS,
        counts=counts,
        chosen=chosen,
        stands=STANDS,
        states=STATE_WORDS,
        done=visit.asked("done"),
    )


def _is_meant(policy: ShelfPolicy, words: str) -> bool:
    return has_every_word(words, policy.newest.title, policy.policy, policy.newest.owner)


def shown(visit: Visit) -> Response:
    """Show everything about a policy: what stands, its versions, what waits, and what was ever done with it."""
    policy = policy_of(visit)
    was_submitted = policy.published or any(each.state is not VersionState.DRAFT for each in policy.versions)
    return visit.page(
        "console/policy.html",
        policy=policy,
        history=history_of(visit.deployment, policy.policy) if was_submitted else None,
        stands=STANDS,
        states=STATE_WORDS,
        today=civil_day(visit.deployment.clock.now()),
        done=visit.asked("done"),
    )


def begin_policy(visit: Visit) -> Response:
    """Begin a policy by the pattern of another."""
    wish = NewPolicy(*(visit.given(name) for name in ("code", "title", "item_code", "owner", "pattern")))
    new_policy(visit.deployment, wish, by=visit.by)
    return visit.say(f"{PLACE}/{wish.policy}/1/edit", "已建立第 1 版草稿，请逐项修改")


def begin_version(visit: Visit) -> Response:
    """Begin the next version of a policy."""
    policy = visit.named("policy")
    number = next_draft(visit.deployment, policy, by=visit.by)
    return visit.say(f"{PLACE}/{policy}/{number}/edit", "已建立第 %(number)s 版草稿，文本同上一版", number=number)


def stop(visit: Visit) -> Response:
    """Stop a policy at once."""
    policy = policy_of(visit).policy
    suspend(visit.deployment, Choice(policy), by=visit.by, reason=visit.given("reason"), since=day_of(visit, "since"))
    return visit.say(f"{PLACE}/{policy}", "已暂停：不新开、不拨付、不追回、不告知；恢复须由另一人办理")


def let_go_on(visit: Visit) -> Response:
    """Let a suspended policy go on, as another person than who suspended it."""
    policy = policy_of(visit).policy
    resume(visit.deployment, Choice(policy), by=visit.by, reason=visit.given("reason"))
    return visit.say(f"{PLACE}/{policy}", "已恢复：下一晚按届时所知补算差额")


def worded(visit: Visit) -> Response:
    """Show one version in plain Chinese, with its text."""
    policy = policy_of(visit)
    version = version_of(visit, policy)
    bound = _bound(visit, policy, version)
    return visit.page(
        "console/version.html",
        policy=policy,
        version=version,
        text=bound.text,
        guide=guide_of_draft(visit.deployment, bound),
        before=_before(policy, version),
        states=STATE_WORDS,
    )


def compared(visit: Visit) -> Response:
    """Show what changed since an earlier version, and what that does to anybody there could be."""
    policy = policy_of(visit)
    version = version_of(visit, policy)
    asked = {each.version: each for each in policy.versions if each.version != version.version}
    word = visit.asked("with")
    before = asked.get(int(word)) if word.isdecimal() else _before(policy, version)
    if before is None:
        raise missing()
    difference = compare_versions(_bound(visit, policy, before), _bound(visit, policy, version))
    affected = difference.effect
    return visit.page(
        "console/difference.html",
        policy=policy,
        version=version,
        difference=difference,
        others=sorted(asked),
        kind=KIND_WORDS[difference.kind],
        sections=SECTION_WORDS,
        names=_NAMES,
        cases=[
            (visit.words(label), each, _facts(each))
            for label, each in (("得益举例", affected.gainer), ("受损举例", affected.loser))
            if each is not None
        ]
        if affected
        else [],
        result=result_words,
    )


def _facts(affected: Affected) -> list[tuple[str, str]]:
    """Return what is known of somebody who is affected, in words."""
    read = sorted(affected.witness.read.items(), key=lambda item: item[1].label)
    facts = affected.witness.facts
    return [(fact.label, value_words(facts[code], fact.type) + unit_of(fact.type, fact.unit)) for code, fact in read]


def policy_of(visit: Visit) -> ShelfPolicy:
    """Return the policy in the address."""
    found = shelf_of(visit.deployment, remit=visit.remit).policies.get(visit.named("policy"))
    if found is None:
        raise missing()
    return found


def version_of(visit: Visit, policy: ShelfPolicy) -> ShelfVersion:
    """Return the version in the address."""
    number = number_of(visit)
    found = next((each for each in policy.versions if each.version == number), None)
    if found is None:
        raise missing()
    return found


def number_of(visit: Visit) -> int:
    """Return the number of the version in the address."""
    word = visit.named("version")
    if not (word.isascii() and word.isdecimal()):
        raise missing()
    return int(word)


def day_of(visit: Visit, name: str) -> dt.date | None:
    """Return a day that a form gives, or None; browsers write it in ISO form."""
    try:
        return dt.date.fromisoformat(visit.given(name)) if visit.given(name) else None
    except ValueError:
        raise missing() from None


def _before(policy: ShelfPolicy, version: ShelfVersion) -> ShelfVersion | None:
    earlier = [each for each in policy.versions if each.version < version.version]
    return earlier[-1] if earlier else None


def _bound(visit: Visit, policy: ShelfPolicy, version: ShelfVersion) -> RuleVersion:
    name = f"policies/{policy.policy}/{version.version}.yaml"
    return parse_version(text_of(policy, version.version), visit.deployment.catalogue, name)
