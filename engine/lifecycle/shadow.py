"""Shadow nights: what a version would do is computed and kept beside a night, and nothing of it leaves.

For so many nights an activation stands in shadow; the night after the last of them is its first in force, and what it
pays first waits on hold until a person has judged a sample of its cases (`engine.lifecycle.sampling`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl

from core.roles import NIGHT
from engine.compute import Computed
from engine.folder import frames_of
from engine.lookback import WHOLE
from engine.report import PolicyTally
from store.activation_steps import ActivationEvent, ActivationRecord, apply_step, read_activations
from store.opening import Writing
from store.runs import RunClaim, runs_of
from store.states.nights import RunState
from store.states.rules import ActivationState


def shadow_policies(computed: Computed) -> frozenset[str]:
    """Return the policies of which something stands in shadow."""
    if computed.shadow is None:
        return frozenset()
    own = {policy.policy: policy.activations for policy in computed.night.policies}
    return frozenset(
        policy.policy for policy in computed.shadow.night.policies if policy.activations != own.get(policy.policy)
    )


def shadow_tallies(computed: Computed) -> tuple[PolicyTally, ...]:
    """Return what the policies in shadow would have come to."""
    if computed.shadow is None:
        return ()
    own = shadow_policies(computed)
    return tuple(each for each in computed.shadow.tallies if each.policy in own)


def kept_frames(computed: Computed) -> dict[str, pl.DataFrame]:
    """Return what a run keeps: as `engine.folder.frames_of`, outcomes and dues of its shadows, and whose past it looked at."""
    own = frames_of(computed.decisions, computed.comparison.units) | _shadow_frames(computed)
    lookback = computed.night.lookback
    return own | ({WHOLE: lookback.whole.to_frame()} if lookback.is_limited else {})


def _shadow_frames(computed: Computed) -> dict[str, pl.DataFrame]:
    if computed.shadow is None:
        return {}
    own = shadow_policies(computed)
    decisions = [each for each in computed.shadow.decisions if each.policy.policy in own]
    frames = frames_of(decisions, computed.shadow.comparison.units)
    return {f"shadow_{name}": frames[name] for name in ("outcomes", "dues")}


def due_steps(record: ActivationRecord, *, on: dt.date, nights: int) -> Iterator[ActivationState]:
    """Give the states that an activation comes to at the end of a night, one step after the other.

    `nights` is for how many nights it stands in shadow with this one.
    """
    state, made = record.state, record.activation
    if state is ActivationState.SCHEDULED and made.valid_from <= on:
        state = ActivationState.SHADOW if record.shadow_nights else ActivationState.IN_FORCE
        yield state
    if state is ActivationState.SHADOW and nights >= record.shadow_nights:
        state = ActivationState.IN_FORCE
        yield state
    if state is ActivationState.IN_FORCE and made.valid_through is not None and made.valid_through < on:
        yield ActivationState.LAPSED


def take_steps(tx: Writing, claim: RunClaim) -> None:
    """Move every activation as far as this night brings it; part of publishing the night.

    What was activated while the night was computed is left to the next one.
    Expects: the run is published in this very transaction.
    """
    published = [
        run.published_at for run in runs_of(tx, claim.job) if run.state is RunState.PUBLISHED and run.published_at
    ]
    for record in _as_they_stand(tx, claim.known_at):
        began = record.entered_at(ActivationState.SHADOW)
        nights = 1 if began is None else sum(record.was_in(ActivationState.SHADOW, at) for at in published)
        for target in due_steps(record, on=claim.business_date, nights=nights):
            record = apply_step(tx, record, ActivationEvent(target, NIGHT, run_id=claim.run_id))  # noqa: PLW2901  # the record as it then is


def _as_they_stand(tx: Writing, known_at: dt.datetime) -> Sequence[ActivationRecord]:
    """Return what was activated by an instant, with every step until now."""
    return [each for each in read_activations(tx) if each.activation.activated_at <= known_at]
