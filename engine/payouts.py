"""What is collected on a pay day of this night: the items that will be open once the night is written."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from core.days import add_days
from core.errors import DeliveryError, MianshenError
from core.findings import Finding, Place
from core.ledger import ItemState
from core.settings import SettingsCode
from delivery.batches import Batch, Collected, collect
from delivery.pay_days import due_pay_days
from delivery.payables import PAYABLES, DuePayment, PayTerms, due_payments
from delivery.payees import PayeeBook
from delivery.payout_files import Form, payout_path, remove_payouts, write_payouts
from delivery.setting_off import NO_CLAIMS, Claims
from delivery.stored_batches import open_payables, read_batch
from delivery.suspicions import NO_WATCH, Watch
from delivery.working_days import WorkingDays
from engine.compute import Computed
from engine.deployment import Deployment
from engine.night import Night, NightPolicy
from engine.pots import with_funds
from engine.receivers import with_receivers
from store.batches import BatchRecord, read_batches
from store.ledger import LedgerChanges
from store.money_waits import FOR_MONEY, WAITS, read_waits
from store.opening import Reading
from store.positions import has_reissues, read_items
from store.states.paying import BatchState
from store.suspicions import is_cleared_since

FORMS = (Form.XLSX, Form.CSV)
"""What a paymaster gets of each batch, in the order in which it is written."""

_HEAD_BYTES = 4096  # the control totals at the head of a CSV file take some hundred


def due_now(rx: Reading, computed: Computed, calendar: WorkingDays) -> list[DuePayment]:
    """Return the payments whose pay day has come since the night that each policy goes on from.

    What waited while its policy was suspended is collected by the first night after it, as of that night: its pay days
    have come, or were cut short on the last one. What waited for money is tried again on every day on which banks work.
    """
    night = computed.night
    came = [_came(night, calendar, policy) for policy in night.policies]
    waits = _waits(rx, night, calendar)
    if waits.is_empty() and all(each.is_first_due is None for each in came) and not has_reissues(rx):
        return []  # most nights: nothing has to be read
    payables = _payables_after(rx, computed)
    due = [payment for each in came for payment in each.payments(payables, calendar, night.business_date)]
    due += _tried_again(night, payables, waits, due)
    funded = with_funds(rx, computed, sorted(due, key=lambda each: (each.terms.policy, each.pay_day)))
    return with_receivers(computed.present, [each for each in funded if not _is_vain(each, waits)])


def _waits(rx: Reading, night: Night, calendar: WorkingDays) -> pl.DataFrame:
    """Return what may be tried again: what waits for money, and what waits for a look once somebody has looked at something."""
    if not calendar.is_working(night.business_date):
        return WAITS.to_frame()
    waits = read_waits(rx)
    is_looked_at = is_cleared_since(rx, night.known_before)
    return waits if is_looked_at else waits.filter(pl.col("because") == FOR_MONEY)


def _tried_again(
    night: Night, payables: pl.DataFrame, waits: pl.DataFrame, due: Collection[DuePayment]
) -> list[DuePayment]:
    """Return the payments of items that wait for money and are not due tonight anyway."""
    taken = pl.concat([pl.Series(dtype=pl.String), *(each.payables["item_id"] for each in due)])
    waiting = payables.join(waits.select("item_id"), on="item_id", how="semi").filter(
        pl.col("item_id").is_in(taken.implode()).not_()
    )
    parts = waiting.partition_by("policy", as_dict=True)
    return [
        DuePayment(PayTerms.of(policy.current.written), night.business_date, parts[policy.policy,])
        for policy in night.policies
        if (policy.policy,) in parts
    ]


def _is_vain(payment: DuePayment, waits: pl.DataFrame) -> bool:
    """Say whether everything of a payment waits already and there still is no money: the vault stays closed."""
    covered, _ = payment.funds.covered(payment.payables)
    return covered.is_empty() and payment.payables.join(waits, on="item_id", how="anti").is_empty()


@dataclass(frozen=True, slots=True)
class _Came:
    """What is to be collected of one policy: everything whose pay day lies after a day; late where it was suspended."""

    terms: PayTerms
    after: dt.date | None
    is_late: bool
    is_first_due: dt.date | None

    def payments(self, payables: pl.DataFrame, calendar: WorkingDays, on: dt.date) -> list[DuePayment]:
        """Return its payments; late ones are all paid together on the night's own date."""
        policy = self.terms.policy
        own = payables.filter(pl.col("policy") == policy)
        due = due_payments(own, {policy: self.terms}, calendar, after=self.after, through=on)
        if not (self.is_late and due):
            return due
        return [DuePayment(self.terms, on, pl.concat([each.payables for each in due]))]


def _came(night: Night, calendar: WorkingDays, policy: NightPolicy) -> _Came:
    terms, is_late = PayTerms.of(policy.current.written), policy.before is not None
    after = night.before(policy).business_date
    if is_late and after is not None:
        after = add_days(after, -1)  # what its last night collected may have been held back before it went out
    days = due_pay_days(terms.pay, calendar, after=after, through=night.business_date)
    return _Came(terms, after, is_late, days.of(is_first=True))


def freeze(
    payments: Collection[DuePayment], book: PayeeBook, watch: Watch = NO_WATCH, claims: Claims = NO_CLAIMS
) -> Collected:
    """Open the vault for those who are paid, and freeze their items into batches."""
    if not payments:
        return Collected()
    paid = pl.concat(payment.payables["subject_id"] for payment in payments)
    return collect(payments, book.payees(paid.drop_nulls().unique()), watch, claims)


def _payables_after(rx: Reading, computed: Computed) -> pl.DataFrame:
    """Return what is open now and stays so, what the night releases, and what it opens: `PAYABLES`."""
    moves = computed.ledger_changes.item_moves
    leaving = moves.filter(pl.col("source") == ItemState.OPEN)["item_id"]
    released = moves.filter(pl.col("target") == ItemState.OPEN)["item_id"]
    parts = [open_payables(rx).filter(pl.col("item_id").is_in(leaving.implode()).not_()), _new_payables(computed)]
    if not released.is_empty():
        held = read_items(rx, states=[ItemState.ON_HOLD]).filter(pl.col("item_id").is_in(released.implode()))
        parts.append(held.select(PAYABLES.names()).cast(PAYABLES))
    return pl.concat(parts)


def _new_payables(computed: Computed) -> pl.DataFrame:
    held = [
        each.select("grant_id", "instructed_fen") for each in (computed.night.positions, computed.comparison.settled)
    ]
    gone_out = pl.concat(held).filter(pl.col("instructed_fen") > 0)["grant_id"].unique()
    units = computed.comparison.units.select("obligation_id", "grant_id", "policy", "subject_id", "period", "component")
    opened = (
        computed.ledger_changes.items.filter(pl.col("state") == ItemState.OPEN)
        .join(units.unique("obligation_id"), on="obligation_id", how="left", validate="m:1")
        .with_columns(
            is_first=pl.col("grant_id").is_in(gone_out.implode()).not_(),
            attempt=pl.lit(1),
            is_reissue=pl.lit(value=False),
        )
    )
    return opened.select(PAYABLES.names()).cast(PAYABLES)


def born_in_batches(changes: LedgerChanges, batches: Collection[Batch]) -> LedgerChanges:
    """Return a night's changes with the items that it opens and collects at once born in their batches."""
    if not batches:
        return changes
    collected = pl.concat(batch.lines["item_id"] for batch in batches)
    born = pl.col("item_id").is_in(collected.implode()) & (pl.col("state") == ItemState.OPEN)
    state = pl.when(born).then(pl.lit(ItemState.IN_BATCH.value)).otherwise("state")
    return replace(changes, items=changes.items.with_columns(state=state))


def write_payout_files(deployment: Deployment, collected: Collected) -> Collection[Finding]:
    """Write the files of what was just collected, and of every batch that has not gone out, as it stands now.

    A batch that lost an item, or whose process was killed before its files were written, gets them here; one that lost
    its last item loses its files, lest somebody hand them to the bank. What keeps files from being written is a
    finding: the night is published all the same, and the next one writes them.
    """
    try:
        return _written(deployment, collected)
    except MianshenError as error:
        return error.findings
    except OSError as fault:
        message = f"payout files cannot be written: {(fault.strerror or 'the disk refuses it').lower()}"
        help_line = "make room or give the right to write, then run the night again: it finishes what was left"
        return [Finding(SettingsCode.NO_ACCESS, Place(deployment.workspace.payouts.name), message, help_line)]


def _written(deployment: Deployment, collected: Collected) -> list[Finding]:
    findings = [each for batch in collected.batches for each in _write(deployment, batch, collected.payees)]
    fresh = {batch.batch_id for batch in collected.batches}
    with deployment.store.reading() as rx:
        cancelled = read_batches(rx, states=[BatchState.CANCELLED, BatchState.RELEASED])
        frozen = [each for each in read_batches(rx, states=[BatchState.FROZEN]) if each.batch_id not in fresh]
        missing = [each for each in frozen if not _is_written(deployment.workspace.payouts, each)]
        unwritten = [read_batch(rx, each.batch_id) for each in missing]
    for head in cancelled:
        remove_payouts(deployment.workspace.payouts, head, FORMS)
    for batch in unwritten:
        payees = deployment.book("payouts").receivers(batch.lines["subject_id"].unique())
        findings += _write(deployment, batch, payees)
    return findings


def _write(deployment: Deployment, batch: Batch, payees: pl.DataFrame) -> tuple[Finding, ...]:
    try:
        write_payouts(deployment.workspace.payouts, batch, payees, FORMS)
    except DeliveryError as error:
        return error.findings
    return ()


def _is_written(folder: Path, batch: Batch | BatchRecord) -> bool:
    """Say whether the files of a batch stand with its present content; the last of `FORMS` is written last."""
    path = payout_path(folder, batch, FORMS[-1])
    if not path.exists():
        return False
    with path.open("rb") as file:
        return batch.content_hash.encode() in file.read(_HEAD_BYTES)
