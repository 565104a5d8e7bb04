"""How much of each payment is kept back for claims on whoever receives it: pure, before a batch is frozen.

Only where the rule of the claim names the policy and the same unit pays, and never from money that somebody else
receives, or that came back from the bank once and is waited for already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

import polars as pl

from core.ids import item_id
from delivery.payables import DuePayment
from store.set_offs import PARTS, KeptBack

OWNED = pl.Schema({"obligation_id": pl.String(), "owner_id": pl.String(), "last_sequence": pl.Int64()})
"""Obligations to those from whom something is claimed: whose they are, and their newest item."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that somebody decided to set off; `policies` are those from whose payments, `share` of each at most."""

    case_id: str
    owner_id: str
    left_fen: int
    share: Fraction
    payer: str
    policies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims to be set off, the oldest first; `ids` gives the standing id of every subject that was merged."""

    claims: tuple[Claim, ...] = ()
    owned: pl.DataFrame = field(default_factory=OWNED.to_frame, repr=False)
    ids: Mapping[str, str] = field(default_factory=dict, repr=False)


NO_CLAIMS = Claims()


def set_off(group: DuePayment, lines: pl.DataFrame, claims: Claims) -> tuple[pl.DataFrame, KeptBack | None, Claims]:
    """Return the lines that are paid, what is kept back of the others, and the claims with what is left of them.

    Shape:  lines with the columns of `PAYABLES` and any more; a part that is paid is an item of its own.
    Rounds: a share of a payment is rounded down to the fen.
    """
    mine = _own(lines, claims)
    if mine.is_empty():
        return lines, None, claims
    left = {claim.case_id: claim.left_fen for claim in claims.claims}
    last = dict(mine.select("obligation_id", "last_sequence").iter_rows())
    rows = [part for row in mine.iter_rows(named=True) for part in _parts(row, group, claims, left, last)]
    if not rows:
        return lines, None, claims
    parts = pl.DataFrame(rows, schema=PARTS, orient="row")
    paid = _paid(lines, parts)
    numbered = dict(parts.group_by("obligation_id").agg(pl.col("sequence").max()).drop_nulls().iter_rows())
    sequence = pl.col("obligation_id").replace_strict(numbered, default=None, return_dtype=pl.Int64)
    after = replace(
        claims,
        claims=tuple(replace(claim, left_fen=left[claim.case_id]) for claim in claims.claims),
        owned=claims.owned.with_columns(last_sequence=pl.max_horizontal("last_sequence", sequence)),
    )
    fresh = paid.filter(pl.col("item_id").is_in(group.funds.again.implode()).not_())
    first_fen = int(fresh["amount_fen"].sum())
    funds = group.funds
    kept = KeptBack(group.terms.policy, group.pay_day, parts, funds.purses, first_fen, pays_on=funds.pays_on)
    return paid, kept, after


def _own(lines: pl.DataFrame, claims: Claims) -> pl.DataFrame:
    """Return the lines that a debtor receives for themselves, the oldest period first."""
    receiver = pl.col("subject_id").replace(claims.ids)
    found = lines.filter(pl.col("is_reissue").not_()).join(
        claims.owned, on="obligation_id", how="inner", validate="m:1"
    )
    return found.filter(receiver == pl.col("owner_id")).sort("period", "component", "item_id")


def _parts(
    row: Mapping[str, object], group: DuePayment, claims: Claims, left: dict[str, int], last: dict[str, int]
) -> Iterator[tuple[object, ...]]:
    """Give the parts of one line of which something is kept back; nothing where nothing is."""
    amount_fen, obligation_id = row["amount_fen"], row["obligation_id"]
    assert isinstance(amount_fen, int)
    assert isinstance(obligation_id, str)
    taken: list[tuple[str, int]] = []
    for claim in claims.claims:
        if claim.owner_id != row["owner_id"] or claim.payer != group.terms.payer:
            continue
        if group.terms.policy not in claim.policies:
            continue
        room_fen = floor(amount_fen * claim.share) - sum(fen for _, fen in taken)
        fen = min(left[claim.case_id], room_fen)
        if fen > 0:
            taken.append((claim.case_id, fen))
            left[claim.case_id] -= fen
    rest_fen = amount_fen - sum(fen for _, fen in taken)
    if not taken:
        return
    if not rest_fen and len(taken) == 1:
        yield row["item_id"], row["item_id"], None, obligation_id, row["kind"], amount_fen, taken[0][0]
        return
    for case_id, fen in [*taken, *([(None, rest_fen)] if rest_fen else [])]:
        last[obligation_id] += 1
        number = last[obligation_id]
        yield row["item_id"], item_id(obligation_id, number), number, obligation_id, row["kind"], fen, case_id


def _paid(lines: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Return the lines without what is kept back: a part that is paid stands in the place of its line."""
    rests = parts.filter(pl.col("case_id").is_null()).select(
        item_id="source_id", rest_id="item_id", rest_fen="amount_fen"
    )
    split = lines.join(rests, on="item_id", how="inner", validate="1:1").with_columns(
        item_id="rest_id", amount_fen="rest_fen", attempt=pl.lit(1, dtype=pl.Int64)
    )
    untouched = lines.join(parts, left_on="item_id", right_on="source_id", how="anti")
    return pl.concat([untouched, split.select(lines.columns)])
