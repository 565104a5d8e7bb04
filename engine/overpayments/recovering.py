"""Money that comes back, whenever it does: taken in once for each reference, and posted on the cases that it is for.

What comes beyond the claim is not refused, for it has come: it is posted all the same, and the next night pays out
again what is due.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.clock import civil_day
from core.errors import RefusedError
from core.ledger import GONE_OUT, Obligation
from core.money import yuan_text
from core.roles import Role
from engine.deployment import Deployment
from engine.overpayments.codes import CaseCode
from engine.overpayments.roles import claim_work
from store.case_receipts import Receipt, ReceiptShare, add_receipt, receipt_of, shares_of
from store.case_steps import CaseDeed, CaseRecord, case_of, take_case_step
from store.ledger import POSTINGS, SEEN, LedgerChanges, write_ledger
from store.opening import Writing
from store.positions import read_obligations
from store.states.cases import CaseAction
from store.states.funds import Account

REFERENCE_MAX = 40


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of a receipt; `beyond_fen` is more than was claimed, which a night pays out again where it is due."""

    shares: tuple[ReceiptShare, ...]
    cases: tuple[CaseRecord, ...]
    beyond_fen: int
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a receipt is for one case, and the obligation that it is posted on."""

    case: CaseRecord
    own: Obligation
    got_fen: int

    def postings(self, because: str) -> Iterator[tuple[str, str, int, int, str]]:
        """Give the rows to post."""
        for account, before_fen, after_fen in taken_in(self.own, self.got_fen):
            yield self.own.obligation_id, account, before_fen, after_fen, because


def taken_in(own: Obligation, got_fen: int) -> Iterator[tuple[Account, int, int]]:
    """Give what changes on an obligation when money comes back: the account, and what stood and stands on it.

    So much less is claimed; beyond that, what was given up is not owed any more either and lapses, as by a later due.
    Expects: it is no more than went out and has not come back.
    """
    yield Account.RECOVERED, own.recovered_fen, own.recovered_fen + got_fen
    left_fen = got_fen
    for account, stood_fen in (
        (Account.CASE, own.case_open_fen),
        (Account.WRITTEN_OFF, own.written_off_fen),
        (Account.KEPT, own.kept_fen),
    ):
        taken_fen = min(left_fen, stood_fen)
        left_fen -= taken_fen
        if taken_fen:
            yield account, stood_fen, stood_fen - taken_fen


def recover(deployment: Deployment, receipt: Receipt, case_ids: Sequence[str], *, by: str) -> Recovered:
    """Take in a receipt for one or several cases, in their order; the same receipt twice is once.

    Fails: RefusedError where the receipt makes no sense, its reference stands with another day or amount, or it is
           more than ever went out.
    """
    for case_id in dict.fromkeys(case_ids):
        claim_work(deployment, case_id, by, Role.PAYMASTER)
    with deployment.store.writing() as tx:
        _check(receipt, tx)
        if known := receipt_of(tx, receipt.reference):
            return _repeated(tx, known, receipt)
        cases = [case_of(tx, case_id) for case_id in dict.fromkeys(case_ids)]
        obligations = {each.obligation_id: each for each in read_obligations(tx, [c.obligation_id for c in cases])}
        _refuse_closed_beside_open(cases, obligations)
        parts = _spread(receipt, cases, obligations)
        add_receipt(tx, receipt, parts, by=by)
        beyond_fen = _post(
            tx,
            receipt,
            [
                _Part(each, obligations[each.obligation_id], parts[each.case_id])
                for each in cases
                if each.case_id in parts
            ],
            by,
        )
        after = tuple(case_of(tx, case_id) for case_id in parts)
        return Recovered(shares_of(tx, receipt.reference), after, beyond_fen, is_repeated=False)


def _check(receipt: Receipt, tx: Writing) -> None:
    today = civil_day(tx.now)
    faults = (
        (not 0 < len(receipt.reference.strip()) <= REFERENCE_MAX, f"a reference has 1 to {REFERENCE_MAX} signs"),
        (receipt.amount_fen <= 0, "a receipt is more than nothing"),
        (receipt.received_on > today, f"the day {receipt.received_on} has not come yet"),
    )
    for is_wrong, message in faults:
        if is_wrong:
            raise RefusedError.one(CaseCode.BAD_RECEIPT, "receipt", message, "copy it from the bank's statement")


def _repeated(tx: Writing, known: Receipt, receipt: Receipt) -> Recovered:
    if known != receipt:
        message = f"`{known.reference}` stands with {yuan_text(known.amount_fen)} on {known.received_on}"
        help_line = "a reference belongs to one receipt; check it on the bank's statement"
        raise RefusedError.one(CaseCode.RECEIPT_DIFFERS, "receipt", message, help_line)
    shares = shares_of(tx, known.reference)
    cases = tuple(case_of(tx, share.case_id) for share in shares)
    return Recovered(shares, cases, 0, is_repeated=True)


def _refuse_closed_beside_open(cases: Iterable[CaseRecord], obligations: Mapping[str, Obligation]) -> None:
    """Refuse a closed case while another one about the same money is open."""
    for case in cases:
        if not case.is_live and obligations[case.obligation_id].case_open_fen:
            message = f"it is `{case.state}`, and another case about the same money is open"
            help_line = "name that one: see `mianshen cases list`"
            raise RefusedError.one(CaseCode.OTHER_CASE, case.case_id, message, help_line)


def _spread(receipt: Receipt, cases: Sequence[CaseRecord], obligations: Mapping[str, Obligation]) -> dict[str, int]:
    """Return what of a receipt belongs to each case: first what is outstanding, then up to what ever went out."""
    left_fen = receipt.amount_fen
    parts: dict[str, int] = {}
    for is_beyond in (False, True):
        for case in cases:
            own = obligations[case.obligation_id]
            room_fen = own.sum_fen(GONE_OUT) - own.recovered_fen if is_beyond else case.amount_fen
            taken_fen = max(0, min(left_fen, room_fen - parts.get(case.case_id, 0)))
            if taken_fen:
                parts[case.case_id] = parts.get(case.case_id, 0) + taken_fen
                left_fen -= taken_fen
    if left_fen:
        message = f"the receipt is {yuan_text(left_fen)} more than ever went out on these cases"
        help_line = "name every case that it is for; send back what belongs to nobody's case"
        raise RefusedError.one(CaseCode.TOO_MUCH, "receipt", message, help_line)
    return parts


def _post(tx: Writing, receipt: Receipt, parts: Sequence[_Part], by: str) -> int:
    """Post a receipt; return what of it goes beyond the claims."""
    because = f"receipt {receipt.reference}"
    deed = CaseDeed(CaseAction.RECEIVED, by, because, acted_on=receipt.received_on)
    for case, got_fen in ((part.case, part.got_fen) for part in parts if not part.case.is_live):
        take_case_step(tx, case, deed, case.state, recovered_fen=case.recovered_fen + got_fen)
    rows = [row for part in parts for row in part.postings(because)]
    versions = sorted((part.own.obligation_id, part.own.version) for part in parts)
    changes = LedgerChanges(
        postings=pl.DataFrame(rows, schema=POSTINGS, orient="row"),
        seen=pl.DataFrame(versions, schema=SEEN, orient="row").unique(),
    )
    write_ledger(tx, changes, run_id=None, deed=deed)
    return sum(max(0, part.got_fen - part.own.case_open_fen) for part in parts)
