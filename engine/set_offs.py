"""Which claims are set off on a pay day of this night: those that somebody decided to, as far as the night leaves them."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from core.ids import derive_id
from core.ledger import NoticeKind
from core.money import yuan_text
from delivery.batches import Collected
from delivery.notice_values import policy_values
from delivery.notices import Telling
from delivery.payables import DuePayment, PayTerms
from delivery.period_words import day_words, period_words
from delivery.setting_off import NO_CLAIMS, OWNED, Claim, Claims
from engine.compute import Computed
from store.case_steps import CaseRecord, case_of
from store.cases import chosen_for_set_off
from store.opening import Reading, Writing
from store.states.funds import Account


def claims_now(rx: Reading, computed: Computed, payments: Collection[DuePayment]) -> Claims:
    """Return the claims that are set off from what is paid tonight, the oldest first.

    A claim that this very night raises waits until the subject is told of it; one that it lowers is as low already.
    """
    chosen = chosen_for_set_off(rx) if payments else ()
    if not chosen:
        return NO_CLAIMS
    policies = {policy.policy: policy for policy in computed.night.policies if not policy.is_suspended}
    moved = _moved(computed)
    ids = computed.present.ids
    claims = []
    for case in sorted(chosen, key=lambda each: (each.opened_at, each.period, each.case_id)):
        offset = policies[case.policy].current.offset if case.policy in policies else None
        left_fen = moved.get(case.obligation_id, case.amount_fen)
        if offset is None or not 0 < left_fen <= case.amount_fen:
            continue
        payer = PayTerms.of(policies[case.policy].current.written).payer
        owner_id = ids.get(case.subject_id, case.subject_id)
        claims.append(Claim(case.case_id, owner_id, left_fen, offset.share, payer, offset.policies))
    return Claims(tuple(claims), _owned(computed, {claim.owner_id for claim in claims}), ids) if claims else NO_CLAIMS


def _moved(computed: Computed) -> dict[str, int]:
    """Return what the night makes of claims."""
    postings = computed.ledger_changes.postings.filter(pl.col("account") == Account.CASE)
    return dict(postings.select("obligation_id", "after_fen").iter_rows())


def _owned(computed: Computed, owners: Collection[str]) -> pl.DataFrame:
    """Return the obligations to some subjects, with the newest item of each once the night is written: `OWNED`."""
    names = ("obligation_id", "subject_id")
    positions = pl.concat([computed.night.positions, computed.night.unpaid])
    known = pl.concat([positions.select(names), computed.comparison.units.select(names)])
    own = known.unique("obligation_id").select(
        "obligation_id", owner_id=pl.col("subject_id").replace(computed.present.ids)
    )
    items = pl.concat(
        [
            positions.select("obligation_id", sequence="last_sequence"),
            computed.ledger_changes.items.select("obligation_id", "sequence"),
        ]
    )
    last = items.group_by("obligation_id").agg(pl.col("sequence").max().alias("last_sequence"))
    joined = own.filter(pl.col("owner_id").is_in(sorted(owners))).join(last, on="obligation_id", how="inner")
    return joined.select(OWNED.names()).cast(OWNED)


def tell_kept_back(tx: Writing, computed: Computed, collected: Collected) -> Iterator[Telling]:
    """Give what those are told from whose payments something was kept back: how much, for which claim, and what is left."""
    policies = {policy.policy: policy.current.written for policy in computed.night.policies}
    for kept in collected.kept:
        off = kept.parts.drop_nulls("case_id")
        paid = dict(
            kept.parts.filter(pl.col("case_id").is_null())
            .group_by("source_id")
            .agg(pl.col("amount_fen").sum())
            .iter_rows()
        )
        for case_id in off["case_id"].unique().sort():
            case = case_of(tx, case_id)
            rows = off.filter(pl.col("case_id") == case_id)
            values = _values(case, rows, paid, policies[kept.policy].title, day_words(kept.pay_day))
            event = f"set off {derive_id('k', case_id, kept.policy, kept.pay_day.isoformat())}"
            words = policy_values(policies[case.policy]) | values
            yield Telling(
                NoticeKind.OVERPAYMENT_DECIDED, case.subject_id, case.policy, event, computed.night.business_date, words
            )


def _values(case: CaseRecord, rows: pl.DataFrame, paid: Mapping[str, int], title: str, on: str) -> dict[str, str]:
    off_fen = int(rows["amount_fen"].sum())
    rest_fen = sum(paid.get(source, 0) for source in rows["source_id"].unique())
    said = f"{on}发放的“{title}”中，抵扣{yuan_text(off_fen)}元，实发{yuan_text(rest_fen)}元"
    left = f"尚待退回{yuan_text(case.amount_fen)}元" if case.amount_fen else "已全部退清"
    return {
        "amount": yuan_text(case.claimed_fen),
        "decision": f"{said}；{left}",
        "reasons": f"按已经作出的抵扣决定，用于退回{period_words(case.period)}多发的款项（案件{case.case_id}）",
    }
