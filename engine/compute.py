"""Everything a night comes to, before anything is written: the stages of the flow, in order.

Pure but for reading: the same night gives the same result, whoever asks and how often.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from core.ledger import Act
from engine import grant_states
from engine.answers import policy_match, profiles_by_kind
from engine.changes import told
from engine.decide import Decision, decide_policy
from engine.discovery import discover
from engine.expiring import expiring
from engine.lanes.night_acts import waiting_acts
from engine.lanes.questions import Asked, asked_tonight, questions_told
from engine.looking_back import looking_back
from engine.netting.comparison import Comparison, compare
from engine.night import Night
from engine.outcomes import check_outcomes
from engine.people import Present
from engine.policy_match import Matching, match_here
from engine.renumbering import suspects
from engine.report import PolicyTally
from engine.tally import tally
from store.ledger import LedgerChanges, changes_of
from store.opening import Reading

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Computed:
    """A night's result; `acts` are its own.

    `shadow` is what it would be with everything that stands in shadow (`engine.lifecycle.shadow`); nothing of it is written.
    """

    night: Night
    present: Present
    decisions: tuple[Decision, ...]
    comparison: Comparison
    states: Mapping[str, pl.DataFrame]
    acts: tuple[Act, ...]
    shadow: "Computed | None" = None
    asked: Asked = field(default_factory=Asked)

    @cached_property
    def ledger_changes(self) -> LedgerChanges:
        """Return everything to write on the ledger."""
        of_grants = [
            LedgerChanges(
                grants=grant_states.new_grants(states),
                grant_moves=grant_states.grant_moves(states),
                grant_days=grant_states.grant_days(self.present, policy, states),
            )
            for policy, states in self.states.items()
        ]
        return changes_of([*of_grants, self.comparison.ledger_changes])

    @cached_property
    def told(self) -> pl.DataFrame:
        """Return what subjects are told: `delivery.notices.CHANGES`."""
        of_grants = told(self.present, self.decisions, self.states, self.comparison, self.acts)
        return pl.concat([of_grants, questions_told(self.asked, self.decisions)])

    @cached_property
    def expiring(self) -> pl.DataFrame:
        """Return the certificates that end soon for those whose benefits rest on them: `delivery.expiries.EXPIRIES`."""
        return expiring(self.night, self.decisions, self.states)

    @cached_property
    def tallies(self) -> tuple[PolicyTally, ...]:
        """Return the counts and the money of each policy."""
        return tuple(
            tally(self.night, each, self.states[each.policy.policy], self.comparison) for each in self.decisions
        )


def compute(rx: Reading, night: Night, progress: Progress, matching: Matching = match_here) -> Computed:
    """Assemble profiles, decide every policy, and compare what is due with what is committed; then the shadow."""
    check_outcomes(night.catalogue, night.policies)
    earlier = discover(night, Present(night), progress)
    progress("assembling profiles")
    profiles = profiles_by_kind(night, known_at=night.known_at)
    progress("looking for what changed since the last night")
    night = looking_back(night, profiles)
    present = Present(night)
    matched = matching({policy.policy: policy_match(night, policy) for policy in night.policies}, profiles)
    decisions = []
    for policy in night.policies:
        progress(f"deciding {policy.current.written.title}")
        own, met_before = profiles[policy.kind], earlier[policy.policy]
        decisions.append(decide_policy(present, policy, own, met_before, matched=matched[policy.policy]))
    suspicions = tuple(act for decision in decisions for act in suspects(present, decision))
    present = present.with_acts(suspicions)
    progress("comparing what is due with the ledger")
    comparison = compare(rx, present, decisions)
    states = {each.policy.policy: grant_states.states_of(present, each) for each in decisions}
    asked = [
        act
        for each in decisions
        for act in (
            *each.coming.acts,
            *waiting_acts(night, each.policy, states[each.policy.policy], each.coming.by_grant),
        )
    ]
    if night.shadow is not None:
        progress("computing what stands in shadow")
    shadow = None if night.shadow is None else compute(rx, night.shadow, progress, matching)
    return Computed(
        night,
        present,
        tuple(decisions),
        comparison,
        states,
        (*suspicions, *asked),
        shadow,
        asked_tonight(present, decisions),
    )
