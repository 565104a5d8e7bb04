"""Payout batches: the items of one policy, payer and pay day, frozen with totals and a hash of their content.

A batch holds no name and no account: each line carries its payee's keyed digest instead. The content hash
is over items, digests and fen, so that approving the hash is approving every fen and every account, and
an item can leave a batch without anybody opening the vault.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from core.errors import DeliveryError
from core.findings import Finding, Place, Severity
from core.ids import derive_id
from core.shares import Purse
from delivery.codes import DeliveryCode
from delivery.funds import Funds, Shortfall, short_purses, shortfall_findings
from delivery.masks import mask_account
from delivery.payables import DuePayment
from delivery.payees import PAYEES, obstacle, only_account
from delivery.references import references_of
from delivery.setting_off import NO_CLAIMS, Claims, set_off
from delivery.suspicions import NO_WATCH, SUSPECTS, Watch, suspicion_findings
from store.batches import content_hash
from store.fallbacks import FALLBACKS
from store.money_waits import FOR_A_LOOK, FOR_MONEY, WAITS
from store.set_offs import KeptBack
from store.states.paying import BatchState

BATCH_LINES = pl.Schema(
    {
        "item_id": pl.String(),
        "obligation_id": pl.String(),
        "subject_id": pl.String(),  # who receives
        "period": pl.String(),
        "component": pl.String(),
        "kind": pl.String(),
        "amount_fen": pl.Int64(),
        "attempt": pl.Int64(),  # its number
        "reference": pl.String(),  # travels to the bank and back
        "payee_digest": pl.String(),
        "account_digest": pl.String(),
        "name_digest": pl.String(),
    }
)
"""The lines of a batch, one row per item, in the order of `in_order`."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What is paid together: `BATCH_LINES`; `content_hash` is over them."""

    batch_id: str
    policy: str
    title: str
    payer: str
    pay_day: dt.date
    state: BatchState
    lines: pl.DataFrame = field(repr=False)
    content_hash: str
    purses: tuple[Purse, ...] = ()  # none: frozen before there were books
    pays_on: bool = False  # beyond the year's money
    funding: pl.DataFrame | None = field(
        default=None, repr=False
    )  # what each line takes of each purse, once it is kept
    fallbacks: pl.DataFrame | None = field(default=None, repr=False)  # `FALLBACKS` until it is kept; None: no line

    @property
    def count(self) -> int:
        """Return how many items it has."""
        return self.lines.height

    @property
    def total_fen(self) -> int:
        """Return the sum of its items."""
        return int(self.lines["amount_fen"].sum())


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
    waits: pl.DataFrame = field(default_factory=WAITS.to_frame)
    suspects: pl.DataFrame = field(default_factory=SUSPECTS.to_frame)
    findings: tuple[Finding, ...] = ()
    payees: pl.DataFrame = field(default_factory=PAYEES.to_frame, repr=False)
    kept: tuple[KeptBack, ...] = ()


def collect(
    due: Iterable[DuePayment], payees: pl.DataFrame, watch: Watch = NO_WATCH, claims: Claims = NO_CLAIMS
) -> Collected:
    """Freeze what is due into one batch per policy, payer and pay day.

    Shape:   `PAYEES` of whoever receives; every payable is either in one batch or in `left_open`, but for what is kept back
             of it for a claim; the order of input does not matter.
    Fails:   `DeliveryError` where an amount is zero or less.
    """
    groups = list(due)
    _refuse_amounts(groups)
    known = _known(payees)
    suspects = [SUSPECTS.to_frame()]
    batches: list[Batch] = []
    left: list[LeftOpen] = []
    shortfalls: list[Shortfall] = []
    waits = [WAITS.to_frame()]
    kept: list[KeptBack] = []
    left_fen: dict[tuple[str, int], tuple[int | None, ...]] = {}
    for group in groups:
        payables = group.payables.join(known, on="subject_id", how="left", validate="m:1", maintain_order="left")
        missing = pl.when(pl.col("subject_id").is_null()).then(pl.lit(DeliveryCode.NO_PAYEE.name))
        unknown = missing.otherwise(pl.lit(DeliveryCode.NO_ACCOUNT.name))
        obstructed = payables.with_columns(pl.col("obstacle").fill_null(unknown))
        ready = obstructed.filter(pl.col("obstacle") == _NONE)
        left += _left_open(obstructed.filter(pl.col("obstacle") != _NONE))
        suspected = watch.suspects(ready).join(ready.select("item_id"), on="item_id", how="semi")
        suspects.append(suspected)
        held = suspected.filter(pl.col("kind").is_in(sorted(watch.held)))["item_id"].unique()
        ready = ready.filter(pl.col("item_id").is_in(held.implode()).not_())
        pot = (group.terms.policy, group.pay_day.year)
        funds = replace(group.funds, left_fen=left_fen.get(pot, group.funds.left_fen))
        paid, waiting = funds.covered(ready)
        shortfalls += _shortfalls(group, funds, ready, waiting)
        left_fen[pot] = funds.after(paid)
        waits.append(waiting.select("item_id", "policy", since=pl.lit(group.pay_day), because=pl.lit(FOR_MONEY)))
        waits.append(
            suspected.filter(pl.col("item_id").is_in(held.implode()))
            .unique("item_id", maintain_order=True)
            .select("item_id", "policy", since=pl.lit(group.pay_day), because=pl.lit(FOR_A_LOOK))
        )
        paid, kept_back, claims = set_off(replace(group, funds=funds), paid, claims)
        kept += [kept_back] if kept_back else []
        if not paid.is_empty():
            batches.append(_freeze(group, paid))
    every = pl.concat(suspects)
    findings = (
        *_left_findings(left),
        *shortfall_findings(shortfalls),
        *suspicion_findings(every, watch),
        *_shared_accounts(batches, known),
        *_fallback_findings(batches),
    )
    return Collected(tuple(batches), tuple(left), pl.concat(waits), every, findings, payees, tuple(kept))


def in_order(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines as they stand in a batch and in its files."""
    return lines.select(BATCH_LINES.names()).cast(BATCH_LINES).sort("subject_id", "period", "component", "item_id")


_NONE = ""  # of obstacles


def _known(payees: pl.DataFrame) -> pl.DataFrame:
    """Return what freezing needs to know of payees: who they are, their digest, what stands in the way.

    Adds: `account`, which tells equal accounts, without saying which they are; `account_shown`, where another was passed over.
    """
    is_free = pl.col("obstacle") == _NONE
    because = pl.when(is_free).then("passed_over")
    known = payees.with_columns(obstacle=obstacle().fill_null(_NONE)).select(
        "subject_id",
        "payee_id",
        "account_digest",
        "name_digest",
        "obstacle",
        "resource",
        payee_digest="digest",
        account=pl.when(is_free).then("account_digest"),
        passed_over=because,
        account_shown=pl.when(because.is_not_null()).then(only_account("number")),
    )
    shown = [None if number is None else mask_account(number) for number in known["account_shown"]]
    return known.with_columns(account_shown=pl.Series(shown, dtype=pl.String))


def _freeze(group: DuePayment, ready: pl.DataFrame) -> Batch:
    terms = group.terms
    numbered = ready.with_columns(references_of(ready["item_id"], ready["attempt"]).alias("reference"))
    lines = in_order(numbered)
    fallbacks = ready.filter(pl.col("passed_over").is_not_null()).select(FALLBACKS.names()).cast(FALLBACKS)
    return Batch(
        batch_id=derive_id("b", terms.policy, terms.payer, group.pay_day.isoformat()),
        policy=terms.policy,
        title=terms.title,
        payer=terms.payer,
        pay_day=group.pay_day,
        state=BatchState.FROZEN,
        lines=lines,
        content_hash=content_hash(lines),
        purses=group.funds.purses,
        pays_on=group.funds.pays_on,
        fallbacks=None if fallbacks.is_empty() else fallbacks,
    )


def _shortfalls(group: DuePayment, funds: Funds, ready: pl.DataFrame, waiting: pl.DataFrame) -> Iterator[Shortfall]:
    """Give what there is no money for, and what is paid without."""
    wanted = funds.parts(ready)
    short = short_purses(funds, wanted)
    policy, year = group.terms.policy, group.pay_day.year
    if not waiting.is_empty():
        yield Shortfall(policy, year, waiting.height, int(waiting["amount_fen"].sum()), short, pays_on=False)
    elif short:
        beyond = (
            max(part - max(left or 0, 0), 0) if left is not None else 0
            for part, left in zip(wanted, funds.left_fen, strict=True)
        )
        yield Shortfall(policy, year, ready.height, sum(beyond), short, pays_on=True)


def _refuse_amounts(due: Iterable[DuePayment]) -> None:
    bad = [(group, group.payables.filter(pl.col("amount_fen") <= 0).height) for group in due]
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


def _left_open(obstructed: pl.DataFrame) -> list[LeftOpen]:
    rows = obstructed.select("item_id", "policy", "obstacle").iter_rows()
    return [LeftOpen(item_id, policy, DeliveryCode[because]) for item_id, policy, because in rows]


_WHY = {
    DeliveryCode.NO_ACCOUNT: "no account is known",
    DeliveryCode.SEVERAL_ACCOUNTS: "several accounts are known",
    DeliveryCode.ACCOUNT_UNUSABLE: "the account is no account number",
    DeliveryCode.NO_NAME: "the payee's name is not known",
    DeliveryCode.NO_PAYEE: "nobody knows who receives for the subject",
    DeliveryCode.ACCOUNT_CLOSED: "a bank has called every account that is known closed",
}

_REMEDY = {
    DeliveryCode.NO_ACCOUNT: "deliver a resource that has a column of role `account`",
    DeliveryCode.SEVERAL_ACCOUNTS: "rank the resources that know them by `rank`, let the departments agree, or have the subject name one",
    DeliveryCode.ACCOUNT_UNUSABLE: "have it corrected by the department that delivers it",
    DeliveryCode.NO_NAME: "deliver a resource that has a column of role `name`",
    DeliveryCode.NO_PAYEE: "deliver the relation that the rule names in `payee`, with one receiver for each",
    DeliveryCode.ACCOUNT_CLOSED: "have a department deliver another account, or the subject name one: `mianshen grants confirm --account`",
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


def _fallback_findings(batches: Iterable[Batch]) -> list[Finding]:
    """Tell of what goes to another account than that of the department which is asked first."""
    return [
        Finding(
            DeliveryCode.FALLBACK_ACCOUNT,
            _place(batch.policy),
            f"{_items(count)} of batch `{batch.batch_id}` paid to the account of a department asked later",
            "look at them on the approval sheet: `mianshen payouts show`",
            Severity.WARNING,
            count,
        )
        for batch in batches
        if (count := 0 if batch.fallbacks is None else batch.fallbacks.height)
    ]


def _shared_accounts(batches: Iterable[Batch], known: pl.DataFrame) -> list[Finding]:
    """Warn of accounts that stand under several payees of one batch: a couple's, a mistake, or a fraud."""
    findings = []
    for batch in batches:
        receiving = known.filter(pl.col("subject_id").is_in(batch.lines["subject_id"].unique().implode()))
        holders = receiving.group_by("account").agg(pl.col("payee_id").n_unique())
        count = holders.filter(pl.col("payee_id") > 1).height
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
