"""Payout batches: the items of one policy, payer and pay day, frozen with totals and a hash of their content.

A batch holds no name and no account: each line carries its payee's keyed digest instead. The content hash
is over items, digests and fen, so that approving the hash is approving every fen and every account, and
an item can leave a batch without anybody opening the vault.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.errors import DeliveryError
from core.findings import Finding, Place, Severity
from core.ids import derive_id, lines_digest
from core.ledger import ItemKind
from delivery.codes import DeliveryCode
from delivery.payables import DuePayment, Payable
from delivery.payees import Payee, obstacle, only_account
from delivery.references import reference_of
from store.states import BatchState


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One item in a batch; `reference` travels to the bank and back."""

    item_id: str
    obligation_id: str
    subject_id: str
    period: str
    component: str
    kind: ItemKind
    amount_fen: int
    reference: str
    payee_digest: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What is paid together: lines by subject, period, component and item; `content_hash` is over them."""

    batch_id: str
    policy: str
    title: str
    payer: str
    pay_day: dt.date
    state: BatchState
    lines: tuple[BatchLine, ...]
    content_hash: str

    @property
    def count(self) -> int:
        """Return how many items it has."""
        return len(self.lines)

    @property
    def total_fen(self) -> int:
        """Return the sum of its items."""
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """An item whose pay day has come but which cannot be paid; it stays open and is listed."""

    item_id: str
    policy: str
    because: DeliveryCode


@dataclass(frozen=True, slots=True)
class Collected:
    """The batches of a run with who is paid by them, and what could not be paid."""

    batches: tuple[Batch, ...] = ()
    left_open: tuple[LeftOpen, ...] = ()
    findings: tuple[Finding, ...] = ()
    payees: Mapping[str, Payee] = field(default_factory=dict, repr=False)


def collect(due: Iterable[DuePayment], payees: Mapping[str, Payee]) -> Collected:
    """Freeze what is due into one batch per policy, payer and pay day.

    Shape:   every payable is either in one batch or in `left_open`; the order of input does not matter.
    Fails:   `DeliveryError` where an amount is zero or less.
    """
    groups = list(due)
    _refuse_amounts(groups)
    batches: list[Batch] = []
    left: list[LeftOpen] = []
    for group in groups:
        ready = [each for each in group.payables if obstacle(payees.get(each.subject_id)) is None]
        left += _left_open(group.payables, payees)
        if ready:
            batches.append(_freeze(group, ready, payees))
    findings = (*_left_findings(left), *_shared_accounts(batches, payees))
    return Collected(tuple(batches), tuple(left), findings, payees)


def content_hash(lines: Iterable[BatchLine]) -> str:
    """Return the SHA-256 over what is paid to whom: sorted lines of item, payee's digest and fen."""
    return lines_digest(sorted(f"{line.item_id}|{line.payee_digest}|{line.amount_fen}" for line in lines))


def in_order(lines: Iterable[BatchLine]) -> tuple[BatchLine, ...]:
    """Return lines as they stand in a batch and in its files."""
    return tuple(sorted(lines, key=lambda line: (line.subject_id, line.period, line.component, line.item_id)))


def _freeze(group: DuePayment, payables: Iterable[Payable], payees: Mapping[str, Payee]) -> Batch:
    lines = in_order(_line(payable, payees[payable.subject_id]) for payable in payables)
    terms = group.terms
    return Batch(
        batch_id=derive_id("b", terms.policy, terms.payer, group.pay_day.isoformat()),
        policy=terms.policy,
        title=terms.title,
        payer=terms.payer,
        pay_day=group.pay_day,
        state=BatchState.FROZEN,
        lines=lines,
        content_hash=content_hash(lines),
    )


def _line(payable: Payable, payee: Payee) -> BatchLine:
    return BatchLine(
        item_id=payable.item_id,
        obligation_id=payable.obligation_id,
        subject_id=payable.subject_id,
        period=payable.period,
        component=payable.component,
        kind=payable.kind,
        amount_fen=payable.amount_fen,
        reference=reference_of(payable.item_id, payable.attempt),
        payee_digest=payee.digest,
    )


def _refuse_amounts(due: Iterable[DuePayment]) -> None:
    bad = [(group, sum(each.amount_fen <= 0 for each in group.payables)) for group in due]
    if any(count for _, count in bad):
        raise DeliveryError(
            Finding(
                DeliveryCode.AMOUNT_NOT_POSITIVE,
                _place(group.terms.policy),
                f"{_items(count)} of zero or less cannot be paid",
                "a reduction is a cancellation and a smaller item; look at the run that opened them",
                count=count,
            )
            for group, count in bad
            if count
        )


def _left_open(payables: Iterable[Payable], payees: Mapping[str, Payee]) -> list[LeftOpen]:
    reasons = ((each, obstacle(payees.get(each.subject_id))) for each in payables)
    return [LeftOpen(each.item_id, each.policy, reason) for each, reason in reasons if reason is not None]


_WHY = {
    DeliveryCode.NO_ACCOUNT: "no account is known",
    DeliveryCode.SEVERAL_ACCOUNTS: "several accounts are known",
    DeliveryCode.ACCOUNT_UNUSABLE: "the account is no account number",
    DeliveryCode.NO_NAME: "the payee's name is not known",
}

_REMEDY = {
    DeliveryCode.NO_ACCOUNT: "deliver a resource that has a column of role `account`",
    DeliveryCode.SEVERAL_ACCOUNTS: "let the department that delivers the accounts keep one",
    DeliveryCode.ACCOUNT_UNUSABLE: "have it corrected by the department that delivers it",
    DeliveryCode.NO_NAME: "deliver a resource that has a column of role `name`",
}


def _left_findings(left: Iterable[LeftOpen]) -> list[Finding]:
    counts: defaultdict[tuple[str, DeliveryCode], int] = defaultdict(int)
    for each in left:
        counts[each.policy, each.because] += 1
    return [
        Finding(
            code,
            _place(policy),
            f"{_items(count)} not paid: {_WHY[code]}; left open",
            _REMEDY[code],
            Severity.WARNING,
            count,
        )
        for (policy, code), count in sorted(counts.items())
    ]


def _shared_accounts(batches: Iterable[Batch], payees: Mapping[str, Payee]) -> list[Finding]:
    """Warn of accounts that stand under several payees of one batch: a couple's, a mistake, or a fraud."""
    findings = []
    for batch in batches:
        holders: defaultdict[str, set[str]] = defaultdict(set)
        for line in batch.lines:
            payee = payees[line.subject_id]
            holders[only_account(payee).number].add(payee.payee_id)
        count = sum(len(each) > 1 for each in holders.values())
        if count:
            findings.append(_shared(batch, count))
    return findings


def _shared(batch: Batch, count: int) -> Finding:
    accounts = "1 account stands" if count == 1 else f"{count} accounts stand"
    return Finding(
        DeliveryCode.SHARED_ACCOUNT,
        _place(batch.policy),
        f"{accounts} under several payees of batch `{batch.batch_id}`",
        "look at these lines before you approve the batch: a couple's account, a mistake, or a fraud",
        Severity.WARNING,
        count,
    )


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _place(policy: str) -> Place:
    return Place(f"payouts of {policy}")
