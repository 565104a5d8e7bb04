"""A policy set back to a version that stood before: a new activation of an old text, planned like any other change."""

import datetime as dt
from collections.abc import Collection

from core.days import LAST_DAY, DayRange
from core.errors import RuleError
from core.findings import nearest_help
from engine.planning.change import Change, ProposedDays, proofs_of
from engine.planning.plan_file import ProposedActivation
from profiles.catalogue import Catalogue
from rules.codes import RuleCode
from rules.reading import parse_version
from rules.standing import Activation, resumed, standing
from store.activations import activations_known_at, published_versions
from store.opening import Reading


def rolled_back(rx: Reading, catalogue: Catalogue, policy: str, *, to: int | None, days: ProposedDays) -> Change:
    """Return the change that lets an earlier version of a policy stand from a day on, whatever stood there.

    Without a version it is the one that stood before the last one.
    Fails: RuleError where the policy or the version was never published, or where none stood before.
    """
    assert days.valid_from is not None
    published = {each.version: each for each in published_versions(rx, policy)}
    if not published:
        known = {each.policy for each in published_versions(rx)}
        message = f"no published policy is called `{policy}`"
        raise RuleError.one(RuleCode.UNKNOWN_POLICY, policy, message, nearest_help(policy, known, "policy"))
    own = [each for each in resumed(activations_known_at(rx, rx.now)) if each.policy == policy]
    chosen = to if to is not None else _version_before(own, known_at=rx.now)
    if chosen not in published:
        message = "no version stood before the last one" if to is None else f"version {to} was never published"
        help_line = f"name one with `--to`; published: {', '.join(map(str, published))}"
        raise RuleError.one(RuleCode.UNKNOWN_VERSION, policy, message, help_line)
    version = parse_version(published[chosen].text, catalogue, f"{policy}/{chosen}")
    activation = ProposedActivation(
        policy=policy,
        version=chosen,
        valid_from=days.valid_from,
        valid_through=days.valid_through,
        clears=True,
        shadow_nights=days.shadow_nights,
    )
    return Change((version,), (activation,), tuple(proofs_of([version])))


def _version_before(activations: Collection[Activation], *, known_at: dt.datetime) -> int | None:
    """Return the version that stood before the one that stands last, or None."""
    if not activations:
        return None
    every = DayRange(min(each.valid_from for each in activations), LAST_DAY)
    stood = [each.version for each in standing(activations, every, known_at=known_at) if each.version is not None]
    return next((each for each in reversed(stood) if each != stood[-1]), None)
