"""Why something is overpaid, in the words of the rule: which conditions no longer hold for the period of a case."""

import datetime as dt
from dataclasses import dataclass

from core.clock import civil_day
from core.days import Period
from delivery.notice_values import policy_values
from engine.deployment import Deployment
from engine.explaining.examination import Examination
from engine.explaining.examine import Viewpoint, examine
from engine.explaining.examine_events import examine_event
from engine.explaining.explain import viewpoint_on
from engine.night import NightPolicy
from store.case_steps import CaseRecord
from store.merges import standing_id
from store.opening import Reading
from store.vault_openings import kind_of

ENDED = "政策已停止执行"
LESS_IS_DUE = "按现有数据重新核定，应享金额低于已发金额"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a letter about a case names: the policy, who answers for it, and why; no reason where nobody knows it."""

    values: dict[str, str]
    reasons: tuple[str, ...]


def ground_of(rx: Reading, deployment: Deployment, case: CaseRecord) -> Ground:
    """Return why a case's money is not due, as the last day of its period is seen with today's knowledge."""
    viewpoint = viewpoint_on(rx, deployment, min(_last_day(case), civil_day(rx.now)))
    policy = next(each for each in viewpoint.policies if each.policy == case.policy)
    return Ground(policy_values(policy.current.written), _reasons(_examined(rx, viewpoint, policy, case)))


def _last_day(case: CaseRecord) -> dt.date:
    return Period.named(case.period).days.last


def _examined(rx: Reading, viewpoint: Viewpoint, policy: NightPolicy, case: CaseRecord) -> Examination | None:
    """Return what the policy says of a case's subject or event; None where no version stands."""
    subject_id = standing_id(rx, case.event or case.subject_id)
    kind = kind_of(rx, subject_id)
    if kind is None:
        return None
    if viewpoint.catalogue.kinds[kind].of is not None:
        return examine_event(viewpoint, policy, subject_id)
    if policy.version_on_date is None:
        return None
    return examine(viewpoint, policy, viewpoint.profile_of(kind, subject_id))


def _reasons(seen: Examination | None) -> tuple[str, ...]:
    if seen is None:
        return (ENDED,)
    if seen.failing:
        return tuple(f"不符合“{each.label}”" for each in seen.failing)
    return (LESS_IS_DUE,) if seen.outcome == "met" else ()
