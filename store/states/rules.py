"""Rule versions and their activations: where they stand, and what may follow."""

from enum import StrEnum


class VersionState(StrEnum):
    """Where a rule version stands between its author's file and force; a proposal that carries none goes the same way."""

    DRAFT = "draft"  # a file that nobody has submitted, or that came back
    SUBMITTED = "submitted"  # frozen with the plan of its effect; waits for another person
    RETURNED = "returned"  # sent back with a reason; its next revision begins as a draft
    APPROVED = "approved"  # somebody else has signed the fingerprint of exactly this plan
    PUBLISHED = "published"  # kept for ever; its activations say on which days it stands
    WITHDRAWN = "withdrawn"  # taken back before it was published


PENDING_VERSION = frozenset({VersionState.SUBMITTED, VersionState.APPROVED})
"""What waits for somebody; a policy has one proposal of the kind at a time."""


VERSION_TRANSITIONS: dict[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.SUBMITTED}),
    VersionState.SUBMITTED: frozenset({VersionState.APPROVED, VersionState.RETURNED, VersionState.WITHDRAWN}),
    VersionState.RETURNED: frozenset({VersionState.DRAFT}),
    VersionState.APPROVED: frozenset({VersionState.PUBLISHED, VersionState.WITHDRAWN}),
    VersionState.PUBLISHED: frozenset(),
    VersionState.WITHDRAWN: frozenset(),
}


class ActivationState(StrEnum):
    """Where an activation stands; which version decides a day is for `rules.standing` to say."""

    SCHEDULED = "scheduled"  # published; no night has reached its first day
    SHADOW = "shadow"  # computed beside each night; nothing leaves
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"  # stopped by a person: nothing follows from it until another lets it go on
    LAPSED = "lapsed"  # a night has passed its last day


ACTIVATION_TRANSITIONS: dict[ActivationState, frozenset[ActivationState]] = {
    # One that was published this afternoon is stopped before its first night, and one whose days are over still decides
    # about them; from a suspension each goes back to where it came from.
    ActivationState.SCHEDULED: frozenset({ActivationState.SHADOW, ActivationState.IN_FORCE, ActivationState.SUSPENDED}),
    ActivationState.SHADOW: frozenset({ActivationState.IN_FORCE, ActivationState.SUSPENDED}),
    ActivationState.IN_FORCE: frozenset({ActivationState.LAPSED, ActivationState.SUSPENDED}),
    ActivationState.SUSPENDED: frozenset(
        {ActivationState.SCHEDULED, ActivationState.SHADOW, ActivationState.IN_FORCE, ActivationState.LAPSED}
    ),
    ActivationState.LAPSED: frozenset({ActivationState.SUSPENDED}),
}
