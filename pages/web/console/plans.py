"""A plan on the whole real population, and its way into force: submitted, signed by another officer, published."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from core.clock import civil_day
from core.errors import RuleError
from engine.authoring.drafts import draft_file, look_at
from engine.authority import open_access
from engine.desks import POLICIES
from engine.lifecycle import lifecycle
from engine.lifecycle.writers import writers_of
from engine.planning.asked import AskedPlan, Way, change_asked
from engine.planning.change import ProposedDays
from engine.planning.kept import kept_plan, shown_plan
from engine.planning.plan_file import PlanFile, parse_plan
from pages.plan_report import report_words
from pages.plan_words import activation_words
from pages.terminal.lifecycle import STATE_WORDS
from pages.web.console.asking import ask
from pages.web.console.policies import PLACE, SIGNS, WRITES, day_of, number_of, policy_of
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.proposals import Proposal, proposals_about, proposed_versions
from store.states.errands import ErrandKind
from store.states.rules import VersionState

MONTHS: Final = 12
_MONTHS_MAX, _NIGHTS_MAX = 60, 90
_EITHER: Final = WRITES | SIGNS
_OPEN: Final[AbstractSet[VersionState | None]] = {None, VersionState.RETURNED, VersionState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Found:
    """A plan, and the proposal that carries it where it was submitted."""

    file: PlanFile
    proposal: Proposal | None

    @property
    def state(self) -> VersionState | None:
        """Return where the proposal stands."""
        return self.proposal.state if self.proposal else None


def routes() -> list[Route]:
    """Return the routes."""
    plan = PLACE + "/{policy}/plan/{fingerprint}"
    return [
        deed(PLACE + "/{policy}/{version}/plan", plan_draft, For.OFFICER, WRITES),
        deed(PLACE + "/{policy}/rollback", plan_rollback, For.OFFICER, WRITES),
        deed(PLACE + "/{policy}/repeal", plan_repeal, For.OFFICER, WRITES),
        page(plan, shown, For.OFFICER, POLICIES),
        deed(plan + "/submit", submit, For.OFFICER, WRITES),
        deed(plan + "/approve", approve, For.OFFICER, SIGNS, is_sensitive=True),
        deed(plan + "/return", send_back, For.OFFICER, _EITHER),
        deed(plan + "/withdraw", withdraw, For.OFFICER, _EITHER),
        deed(plan + "/apply", publish, For.OFFICER, _EITHER, is_sensitive=True),
    ]


def plan_draft(visit: Visit) -> Response:
    """Work out what a draft would do to everybody; one with faults is shown with them instead."""
    draft = draft_file(visit.deployment, visit.named("policy"), number_of(visit))
    days = ProposedDays(
        day_of(visit, "from"),
        day_of(visit, "through"),
        clears=bool(visit.given("clears")),
        shadow_nights=_number(visit, "shadow", 0, _NIGHTS_MAX),
    )
    asked = AskedPlan(draft.policy, Way.DRAFT, _months(visit), draft.version, days, draft.digest)
    try:
        return _asked(visit, asked)
    except RuleError:
        if not look_at(visit.deployment, draft, draft.text).fault_count:
            raise  # the days that were given
        return visit.say(f"{PLACE}/{draft.policy}/{draft.version}/edit", "没有试算：草稿还有错误，请改正并保存")


def plan_rollback(visit: Visit) -> Response:
    """Work out what it would do to let an earlier version stand again."""
    policy, first = policy_of(visit), day_of(visit, "from")
    if first is None:
        raise missing()
    days = ProposedDays(first, shadow_nights=_number(visit, "shadow", 0, _NIGHTS_MAX))
    to = _number(visit, "to", 1, policy.newest.version)
    return _asked(visit, AskedPlan(policy.policy, Way.ROLLBACK, _months(visit), to, days))


def plan_repeal(visit: Visit) -> Response:
    """Work out what it would do to end a policy."""
    policy, first = policy_of(visit), day_of(visit, "from")
    if first is None:
        raise missing()
    return _asked(visit, AskedPlan(policy.policy, Way.REPEAL, _months(visit), days=ProposedDays(first)))


def _asked(visit: Visit, asked: AskedPlan) -> Response:
    """Prove what is proposed, and ask for its plan: that holds the profiles of everybody, and takes its time.

    Fails: as `engine.planning.asked.change_asked`.
    """
    change_asked(visit.deployment, asked)
    return ask(visit, ErrandKind.PLAN, asked.wanted())


def _months(visit: Visit) -> int:
    return _number(visit, "months", 1, _MONTHS_MAX, none=MONTHS)


def shown(visit: Visit) -> Response:
    """Show a plan's report, from the very document that is signed, and the steps that it stands open to."""
    found = _found(visit)
    plan = shown_plan(found.file)
    is_of_today = civil_day(found.file.known_at) == civil_day(visit.deployment.clock.now())
    return visit.page(
        "console/plan.html",
        policy=policy_of(visit),
        file=found.file,
        fingerprint=found.file.digest,
        proposal=found.proposal,
        plan=plan,
        state=visit.words(STATE_WORDS[found.state] if found.state else "试算"),
        may_submit=found.state in _OPEN and is_of_today,
        is_over=found.state is not VersionState.PUBLISHED and not is_of_today,
        is_own=visit.by in _hands(visit, found),
        warnings=visit.said(open_access(visit.deployment)),
        done=visit.asked("done"),
        **(report_words(plan, visit.words) if plan else {"activation_words": activation_words}),
    )


def submit(visit: Visit) -> Response:
    """Hand a plan in."""
    lifecycle.submit_plan(visit.deployment, _found(visit).file, by=visit.by)
    return _back(visit, "已提交，等待另一人审批")


def approve(visit: Visit) -> Response:
    """Sign exactly the fingerprint in the address."""
    lifecycle.approve(visit.deployment, _waiting(visit), by=visit.by)
    return _back(visit, "已批准，可以发布")


def send_back(visit: Visit) -> Response:
    """Send a plan back to its author."""
    return _closed(visit, VersionState.RETURNED, "已退回")


def withdraw(visit: Visit) -> Response:
    """Take back what is not published."""
    return _closed(visit, VersionState.WITHDRAWN, "已撤回")


def publish(visit: Visit) -> Response:
    """Put an approved plan into force."""
    lifecycle.apply_plan(visit.deployment, _found(visit).file, by=visit.by)
    return _back(visit, "已发布，自所定之日起由夜间作业执行")


def _closed(visit: Visit, target: VersionState, said: str) -> Response:
    lifecycle.close(visit.deployment, _waiting(visit), target, by=visit.by, reason=visit.given("reason"))
    return _back(visit, said)


def _found(visit: Visit) -> Found:
    """Return the plan in the address; one that touches a policy beyond the remit too is for whoever sees to all of it."""
    found = _kept(visit)
    if not visit.remit.covers(*lifecycle.policies_of(found.file)):
        raise missing()
    return found


def _kept(visit: Visit) -> Found:
    policy, fingerprint = visit.named("policy"), visit.named("fingerprint")
    with visit.deployment.store.reading() as rx:
        own = [each for each in proposals_about(rx, policy) if each.fingerprint == fingerprint]
    if own:  # one that came back may have been handed in again
        proposal = next((each for each in own if each.state not in _OPEN), own[-1])
        return Found(parse_plan(proposal.document, proposal.proposal_id), proposal)
    kept = kept_plan(visit.deployment, fingerprint)
    if kept is None or policy not in lifecycle.policies_of(kept):
        raise missing()
    return Found(kept, None)


def _waiting(visit: Visit) -> Proposal:
    proposal = _found(visit).proposal
    if proposal is None:
        raise missing()
    return proposal


def _hands(visit: Visit, found: Found) -> frozenset[str]:
    """Return who wrote, planned or submitted a plan, none of whom signs it."""
    with visit.deployment.store.reading() as rx:
        carried = proposed_versions(rx, found.proposal.proposal_id) if found.proposal else ()
        wrote = frozenset[str]().union(*(writers_of(rx, each.policy, each.version) for each in carried))
    return wrote | {found.file.made_by} | ({found.proposal.submitted_by} if found.proposal else set())


def _number(visit: Visit, name: str, least: int, most: int, *, none: int | None = None) -> int:
    """Return a number that a form gives, within bounds; where it gives none, the one for that, or the least."""
    word = visit.given(name)
    if not word:
        return least if none is None else none
    if not (word.isascii() and word.isdecimal()) or not least <= int(word) <= most:
        raise missing()
    return int(word)


def _back(visit: Visit, said: str) -> Response:
    return visit.say(f"{PLACE}/{visit.named('policy')}/plan/{visit.named('fingerprint')}", said)
