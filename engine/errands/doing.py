"""What each kind of errand does: the same calls that commands make, in the name of who asked."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Final

from core.clock import civil_day
from core.errors import MianshenError
from core.findings import Finding
from core.remits import WHOLE, Remit
from core.roles import Role
from engine.authority import authorised
from engine.compute import Progress
from engine.deployment import Deployment
from engine.planning.asked import AskedPlan, change_asked
from engine.planning.kept import keep_plan
from engine.planning.plan import PlanOptions, file_of, make_plan
from engine.readiness import assess_readiness
from engine.replaying.replay import replay_run
from engine.run import NightOptions
from engine.telling import run_and_tell
from store.audit_chain import JSON
from store.errands import Errand
from store.states.errands import ErrandKind, ErrandState

REPLAYS: Final = (Role.OPERATOR, Role.AUDITOR, Role.SUPERVISOR)
Result = Mapping[str, JSON]


def carry_out(deployment: Deployment, errand: Errand, progress: Progress) -> tuple[ErrandState, Result]:
    """Do an errand and return what came of it; what is refused or not in order is its findings."""
    try:
        return ErrandState.DONE, _DOING[errand.kind](deployment, errand, progress)
    except MianshenError as error:
        return ErrandState.FAILED, {"findings": _told(error.findings)}


def _readiness(deployment: Deployment, errand: Errand, progress: Progress) -> Result:
    """Return the work list of the data steward: counts alone."""
    progress("how ready the policies are")
    report = assess_readiness(deployment, (), civil_day(deployment.clock.now()), remit=remit_wanted(errand))
    work: list[JSON] = [
        {
            "resource": each.resource,
            "label": each.label,
            "owner": each.owner,
            "obstacle": None if each.obstacle is None else each.obstacle.value,
            "subject_count": each.subject_count,
            "outcome_count": each.outcome_count,
            "shared_count": each.shared_count,
            "most_fen": each.most_fen,
            "unlimited_count": each.unlimited_count,
            "lifted_count": each.lifted_count,
        }
        for each in report.work
    ]
    verdicts: list[JSON] = [each.verdict.value for each in report.policies]
    return {"on": report.on.isoformat(), "verdicts": verdicts, "work": work}


def remit_wanted(errand: Errand) -> Remit:
    """Return over which policies somebody asked."""
    policies = errand.wanted["policies"]
    return Remit(frozenset(map(str, policies))) if isinstance(policies, list) else WHOLE


def _replay(deployment: Deployment, errand: Errand, progress: Progress) -> Result:
    """Compute a published night again and say whether it comes to the same; nothing is written."""
    again = replay_run(deployment, str(errand.wanted["date"]), progress)
    told = json.loads(again.as_json())
    names = ("verdict", "engine_then", "engine_now", "outputs", "findings")
    return {name: told[name] for name in names}


def _plan(deployment: Deployment, errand: Errand, progress: Progress) -> Result:
    """Work out what a change would do to everybody, and keep the plan until its day is over."""
    asked = AskedPlan.of_wanted(errand.wanted)
    authorised(deployment, errand.asked_by, Role.OFFICER, asked.policy)
    change = change_asked(deployment, asked)
    options = PlanOptions(civil_day(deployment.clock.now()), asked.months, errand.asked_by)
    made = make_plan(deployment, change, options, progress)
    return {"policy": asked.policy, "fingerprint": keep_plan(deployment, file_of(made, change))}


def _night(deployment: Deployment, errand: Errand, progress: Progress) -> Result:
    """Run a night exactly as the command does, and send its notices."""
    date = dt.date.fromisoformat(str(errand.wanted["date"]))
    accepted = errand.wanted["accepted"]
    options = NightOptions(
        accepted=frozenset(map(str, accepted)) if isinstance(accepted, list) else (), by=errand.asked_by
    )
    report = run_and_tell(deployment, date, options=options, progress=progress)
    return {"date": date.isoformat(), "state": report.state.value, "findings": _told(report.findings)}


_DOING: Mapping[ErrandKind, Callable[[Deployment, Errand, Progress], Result]] = {
    ErrandKind.READINESS: _readiness,
    ErrandKind.REPLAY: _replay,
    ErrandKind.PLAN: _plan,
    ErrandKind.NIGHT: _night,
}


def _told(findings: tuple[Finding, ...] | list[Finding]) -> list[JSON]:
    """Return findings as they are kept: in the words that they were made in, with code, place and remedy."""
    return [
        {
            "code": str(each.code),
            "place": {"path": each.place.path, "line": each.place.line},
            "message": each.message,
            "help": each.help,
        }
        for each in findings
    ]
