"""The shape of our own database, one module per concern; `METADATA` is what migrations are compared with."""

from store.tables.auditing import AuditEntry, RoleStep
from store.tables.base import METADATA, Row, table_of
from store.tables.cases import (
    CaseInstalment,
    CaseReceipt,
    CaseReceiptShare,
    CaseRelief,
    CaseReliefVerdict,
    CaseStep,
    OverpaymentCase,
)
from store.tables.funds import BatchPurse, BudgetDecision, ClosedYear, JournalEntry, MoneyWait, Pot
from store.tables.grievances import GrievanceRow, GrievanceStep, RatingRow
from store.tables.funds import (
    AccountHolder,
    BatchPurse,
    BudgetDecision,
    ClosedYear,
    JournalEntry,
    MoneyWait,
    Pot,
    SuspicionRow,
)
from store.tables.history import CatalogueText, GrantPast, ItemPast, LedgerRevision, ObligationPast
from store.tables.money import ActRow, GrantRow, ItemRow, ObligationRow, PostingRow
from store.tables.nights import ActivationRow, Load, RuleText, Run
from store.tables.paying import (
    BankFile,
    BankLine,
    Batch,
    BatchApproval,
    BatchItem,
    BatchStep,
    Inquiry,
    PaymentFileRow,
)
from store.tables.proposals import (
    ActivationStep,
    ProposalRow,
    ProposalStep,
    ProposedActivationRow,
    ProposedPolicy,
    ProposedVersionRow,
)
from store.tables.publicity import Objection, PublicLine, PublicList
from store.tables.questions import QuestionRow
from store.tables.samples import Sample, SampleCase, SampleVerdict
from store.tables.sending import NoticeAttempt, NoticeRow
from store.tables.subjects import (
    Identifier,
    Personal,
    SealedNote,
    Subject,
    SubjectMerge,
    TrialAccount,
    VaultIndex,
    VaultOpening,
)
from store.tables.telling import BadContact, InboxItem, NoticeAct, NoticePreference, NoticeReceipt

__all__ = [
    "METADATA",
    "AccountHolder",
    "ActRow",
    "ActivationRow",
    "ActivationStep",
    "AuditEntry",
    "BadContact",
    "BankFile",
    "BankLine",
    "Batch",
    "BatchApproval",
    "BatchItem",
    "BatchPurse",
    "BatchStep",
    "BudgetDecision",
    "CaseInstalment",
    "CaseReceipt",
    "CaseReceiptShare",
    "CaseRelief",
    "CaseReliefVerdict",
    "CaseStep",
    "CatalogueText",
    "ClosedYear",
    "GrantPast",
    "GrantRow",
    "GrievanceRow",
    "GrievanceStep",
    "Identifier",
    "InboxItem",
    "Inquiry",
    "ItemPast",
    "ItemRow",
    "JournalEntry",
    "LedgerRevision",
    "Load",
    "MoneyWait",
    "NoticeAct",
    "NoticeAttempt",
    "NoticePreference",
    "NoticeReceipt",
    "NoticeRow",
    "Objection",
    "ObligationPast",
    "ObligationRow",
    "OverpaymentCase",
    "PaymentFileRow",
    "Personal",
    "PostingRow",
    "Pot",
    "ProposalRow",
    "ProposalStep",
    "ProposedActivationRow",
    "ProposedPolicy",
    "ProposedVersionRow",
    "RatingRow",
    "PublicLine",
    "PublicList",
    "QuestionRow",
    "RoleStep",
    "Row",
    "RuleText",
    "Run",
    "Sample",
    "SampleCase",
    "SampleVerdict",
    "SealedNote",
    "Subject",
    "SubjectMerge",
    "SuspicionRow",
    "TrialAccount",
    "VaultIndex",
    "VaultOpening",
    "table_of",
]
