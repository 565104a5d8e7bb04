"""What leads to a published rule version: proposals, what each carries, and every step that anybody took."""

import datetime as dt

import sqlalchemy as sa

from store.states.rules import ACTIVATION_TRANSITIONS, VERSION_TRANSITIONS, ActivationState, VersionState
from store.tables.base import Row, allowed_steps, identifier, one_where, word

_LIVE = "state in ('approved', 'published', 'submitted')"


class ProposalRow(Row, table=True):
    """One plan that somebody submitted, with everything it shows; only its state and its approval change."""

    __tablename__ = "proposal"
    __table_args__ = (
        sa.CheckConstraint("moves >= 1", name="moves_from_one"),
        sa.CheckConstraint("state <> 'draft'", name="submitted_at_least"),
        sa.CheckConstraint(
            "approved_by is not null or state in ('submitted', 'returned', 'withdrawn')",
            name="approved_before_published",
        ),
        # INVARIANT: nobody approves what they wrote or handed in themselves.
        sa.CheckConstraint("approved_by <> authored_by and approved_by <> submitted_by", name="approved_by_another"),
        one_where("proposal", ("fingerprint",), _LIVE, name="live"),
    )

    proposal_id: str = identifier(primary_key=True)
    fingerprint: str
    document: str  # the plan file, to the letter
    authored_by: str
    submitted_by: str
    submitted_at: dt.datetime
    approved_by: str | None
    state: VersionState = word(VersionState)
    moves: int  # how many steps it has taken; a writer names the one that it saw


class ProposedPolicy(Row, table=True):
    """Which policies a proposal is about; one that waits keeps others of the policy out."""

    __tablename__ = "proposed_policy"
    __table_args__ = (
        sa.PrimaryKeyConstraint("proposal_id", "policy"),
        one_where("proposed_policy", ("policy",), "is_pending", name="pending"),
    )

    proposal_id: str = identifier(references="proposal.proposal_id")
    policy: str
    is_pending: bool


class ProposedVersionRow(Row, table=True):
    """The text of a rule version as submitted; each time that it was sent back begins another revision."""

    __tablename__ = "proposed_version"
    __table_args__ = (
        sa.PrimaryKeyConstraint("proposal_id", "policy", "version"),
        sa.UniqueConstraint("policy", "version", "revision"),
        sa.CheckConstraint("version >= 1 and revision >= 1", name="numbers_from_one"),
    )

    proposal_id: str = identifier(references="proposal.proposal_id")
    policy: str
    version: int
    revision: int
    text: str
    fingerprint: str
    valid_from: dt.date  # as written
    valid_through: dt.date | None  # as written


class ProposedActivationRow(Row, table=True):
    """An activation as submitted; once published it has the same id in `activation`. A repeal has no version."""

    __tablename__ = "proposed_activation"
    __table_args__ = (
        sa.CheckConstraint("valid_through is null or valid_through >= valid_from", name="days_in_order"),
        sa.CheckConstraint("shadow_nights >= 0", name="shadow_nights_not_negative"),
        sa.CheckConstraint("reaches_back_to = valid_from", name="reaches_back_to_its_first_day"),
    )

    activation_id: str = identifier(primary_key=True)
    proposal_id: str = identifier(references="proposal.proposal_id")
    policy: str
    version: int | None
    valid_from: dt.date
    valid_through: dt.date | None
    clears: bool
    shadow_nights: int
    reaches_back_to: dt.date | None  # declared where it begins before the day it was planned on


class ProposalStep(Row, table=True):
    """One step of a proposal; never edited."""

    __tablename__ = "proposal_step"
    __table_args__ = (sa.PrimaryKeyConstraint("proposal_id", "number"), allowed_steps(VERSION_TRANSITIONS))

    proposal_id: str = identifier(references="proposal.proposal_id")
    number: int
    source: VersionState = word(VersionState, "source")
    target: VersionState = word(VersionState, "target")
    taken_at: dt.datetime
    taken_by: str
    reason: str | None
    fingerprint: str  # of the plan, as whoever took the step saw it


class ActivationStep(Row, table=True):
    """One step of an activation; never edited. An activation without any is scheduled."""

    __tablename__ = "activation_step"
    __table_args__ = (
        sa.PrimaryKeyConstraint("activation_id", "number"),
        allowed_steps(ACTIVATION_TRANSITIONS),
        sa.CheckConstraint("(suspended_from is not null) = (target = 'suspended')", name="suspended_from_a_day"),
    )

    activation_id: str = identifier(references="activation.activation_id")
    number: int
    source: ActivationState = word(ActivationState, "source")
    target: ActivationState = word(ActivationState, "target")
    taken_at: dt.datetime
    taken_by: str
    reason: str | None
    run_id: str | None = identifier(nullable=True)  # of the night that took it
    suspended_from: dt.date | None  # of a suspension: the first day about which nothing is decided
