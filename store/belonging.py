"""Which policies a thing belongs to, by the id under which addresses, forms and the audit chain name it."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from store.opening import Reading
from store.tables import (
    ActivationRow,
    AuditEntry,
    BankLine,
    Batch,
    BudgetDecision,
    GrantRow,
    GrievanceRow,
    ItemRow,
    NoticeRow,
    Objection,
    ObligationRow,
    OverpaymentCase,
    ProposalRow,
    ProposedActivationRow,
    ProposedPolicy,
    PublicList,
    QuestionRow,
    RuleText,
    Sample,
    SuspicionRow,
    table_of,
)

OF_NONE = ""
"""In the place of a policy, for a thing that is kept and belongs to none."""

_GRANT, _BATCH, _PROPOSED = table_of(GrantRow), table_of(Batch), table_of(ProposedPolicy)
_OBLIGATION, _ITEM, _CASE = table_of(ObligationRow), table_of(ItemRow), table_of(OverpaymentCase)
_GRIEVANCE, _LINE, _PROPOSAL = table_of(GrievanceRow), table_of(BankLine), table_of(ProposalRow)
_ACTIVATION, _COMING = table_of(ActivationRow), table_of(ProposedActivationRow)
_SAMPLE, _LIST, _OBJECTION = table_of(Sample), table_of(PublicList), table_of(Objection)
_DECISION, _SUSPICION, _TEXT = table_of(BudgetDecision), table_of(SuspicionRow), table_of(RuleText)
_NOTICE, _QUESTION, _ENTRY = table_of(NoticeRow), table_of(QuestionRow), table_of(AuditEntry)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Things of a kind: the column that names them, that of their policy, and the tables that lead from one to the other."""

    name: sa.Column[str]
    policy: sa.Column[str]
    tables: sa.FromClause


def _kept(name: sa.Column[str], policy: sa.Column[str]) -> _Kind:
    return _Kind(name, policy, name.table)


_OF_OBLIGATION = _OBLIGATION.join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
_OF_PROPOSAL = _PROPOSAL.join(_PROPOSED, _PROPOSAL.c.proposal_id == _PROPOSED.c.proposal_id)

_KINDS = (
    _kept(_TEXT.c.policy, _TEXT.c.policy),
    _kept(_PROPOSED.c.policy, _PROPOSED.c.policy),
    _Kind(_PROPOSAL.c.proposal_id, _PROPOSED.c.policy, _OF_PROPOSAL),
    _Kind(_PROPOSAL.c.fingerprint, _PROPOSED.c.policy, _OF_PROPOSAL),
    _kept(_ACTIVATION.c.activation_id, _ACTIVATION.c.policy),
    _kept(_COMING.c.activation_id, _COMING.c.policy),
    _Kind(
        _SAMPLE.c.sample_id,
        _ACTIVATION.c.policy,
        _SAMPLE.join(_ACTIVATION, _SAMPLE.c.activation_id == _ACTIVATION.c.activation_id),
    ),
    _kept(_GRANT.c.grant_id, _GRANT.c.policy),
    _Kind(_OBLIGATION.c.obligation_id, _GRANT.c.policy, _OF_OBLIGATION),
    _Kind(
        _ITEM.c.item_id,
        _GRANT.c.policy,
        _ITEM.join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id).join(
            _GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id
        ),
    ),
    _Kind(
        _CASE.c.case_id,
        _GRANT.c.policy,
        _CASE.join(_OBLIGATION, _CASE.c.obligation_id == _OBLIGATION.c.obligation_id).join(
            _GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id
        ),
    ),
    _kept(_GRIEVANCE.c.grievance_id, _GRIEVANCE.c.policy),
    _kept(_BATCH.c.batch_id, _BATCH.c.policy),
    _Kind(_LINE.c.bank_file_id, _BATCH.c.policy, _LINE.outerjoin(_BATCH, _LINE.c.batch_id == _BATCH.c.batch_id)),
    _kept(_LIST.c.list_id, _LIST.c.policy),
    _Kind(_OBJECTION.c.objection_id, _LIST.c.policy, _OBJECTION.join(_LIST, _OBJECTION.c.list_id == _LIST.c.list_id)),
    _kept(_DECISION.c.decision_id, _DECISION.c.policy),
    _kept(_SUSPICION.c.suspicion_id, _SUSPICION.c.policies),
    _kept(_NOTICE.c.notice_id, _NOTICE.c.policy),
    _kept(_QUESTION.c.question_id, _QUESTION.c.policy),
)


def policies_named(rx: Reading, word: str) -> frozenset[str]:
    """Return the policies that the thing of a name belongs to; `OF_NONE` among them where it belongs to none.

    Nulls: nothing where nothing goes by the name.
    """
    asked = [sa.select(each.policy).select_from(each.tables).where(each.name == word) for each in _KINDS]
    found = rx.connection.scalars(sa.union(*asked))
    return frozenset(name for policies in found for name in (policies or OF_NONE).split(","))


def is_about(policies: Collection[str]) -> sa.ColumnElement[bool]:
    """Return the condition that an entry of the audit chain is about one of some policies, or about a thing of theirs."""
    own = sorted(policies)
    things = [
        sa.exists(sa.select(1).select_from(each.tables).where(each.name == _ENTRY.c.about, each.policy.in_(own)))
        for each in _KINDS
        if each.name is not each.policy
    ]
    return sa.or_(_ENTRY.c.about.in_(own), *things)
