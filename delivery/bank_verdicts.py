"""What each line of the bank's is worth, and what it moves: pure, and the same whatever the order of lines and files.

What was said of an attempt grows, and where the attempt stands follows from all of it together: paid; failed; or returned,
also where the bank says both that it paid and that it failed. So a file taken twice, in parts or in another order ends
in the same place. A line whose amount, account or name is not that of the instruction moves nothing.

Where two people have settled that a contradicted attempt was paid, it stands as paid, and what the bank had said against
that counts no more; only what it says from then on does.
"""

from collections.abc import Collection

import polars as pl

from delivery.payees import Keyed, account_digests, account_numbers, name_digests, one_lines
from store.bank_lines import BANK_LINES, CONTRADICTED, FAILED_WORD, PAID_WORD, RETURNED_WORD
from store.states.paying import AttemptState, Verdict

PAID, FAILED, RETURNED = PAID_WORD, FAILED_WORD, RETURNED_WORD
_WORDS = (PAID, FAILED, RETURNED)

SAID_LINES = pl.Schema(
    {
        "line": pl.Int64(),  # of the file, from 1
        "reference": pl.String(),
        "account": pl.String(),  # null: the file does not say; so is a name
        "name": pl.String(),
        "amount_fen": pl.Int64(),
        "outcome": pl.String(),
        "reason_code": pl.String(),
        "booked_on": pl.Date(),
        "fault": pl.String(),  # why the line cannot be read
    }
)
"""Lines as a bank's file says them."""

_NEVER_SENT = (AttemptState.CREATED.value, AttemptState.VOIDED.value)
_IMPLIES = {AttemptState.CONFIRMED_PAID: PAID, AttemptState.CONFIRMED_FAILED: FAILED, AttemptState.RETURNED: RETURNED}
"""What the state of an attempt says, also where two people said it and not the bank."""

EXCEPTION_WORDS = {
    "unreadable": "the line cannot be read",
    "unknown_reference": "no payment of ours has this reference",
    "never_sent": "the payment was never sent",
    "amount": "the amount is not that of the instruction",
    "account": "the account is not that of the instruction",
    "name": "the name is not that of the instruction",
    CONTRADICTED: "the bank says both that it was paid and that it was not",
}


def judge(said: pl.DataFrame, attempts: pl.DataFrame, before: pl.DataFrame, *, keyed: Keyed) -> pl.DataFrame:
    """Return every line with its verdict and what it moves.

    Shape:   `SAID_LINES`, `store.bank_lines.ATTEMPTS` and `SAID` in; `BANK_LINES` out, one row for each line, in order.
    Expects: attempts and what was said before are of every reference in the lines, as the writing transaction sees them.
    """
    lines = (
        said.select(SAID_LINES.names())
        .cast(SAID_LINES)
        .join(attempts, on="reference", how="left", suffix="_sent", validate="m:1")
        .sort("line")
    )
    lines = lines.with_columns(because=_because(_with_digests(lines, keyed)))
    heard = lines.filter(pl.col("because").is_null())
    return (
        lines.join(_heard(heard, before), on="line", how="left", validate="1:1")
        .with_columns(because=pl.coalesce("because", pl.when("is_contradicted").then(pl.lit(CONTRADICTED))))
        .with_columns(verdict=_verdict())
        .with_columns(moves_item=pl.col("target").is_not_null() & pl.col("is_newest").fill_null(value=False))
        .select(BANK_LINES.names())
        .cast(BANK_LINES)
    )


def closed_by(judged: pl.DataFrame, attempts: pl.DataFrame, closing: Collection[str]) -> list[tuple[str, str]]:
    """Return the accounts that lines call closed, by digest, with the result code that says so.

    Shape: `BANK_LINES` and `ATTEMPTS`; `closing` are result codes. A line that is an exception, or that says that it paid,
           says nothing of the account.
    """
    says = (
        pl.col("reason_code").is_in(sorted(closing))
        & pl.col("outcome").is_in([FAILED, RETURNED])
        & (pl.col("verdict") != Verdict.EXCEPTION.value)
    )
    told = judged.filter(says).join(attempts, on="reference", how="inner").sort("line")
    return list(
        told.select("account_digest", "reason_code")
        .unique("account_digest", keep="first")
        .sort("account_digest")
        .iter_rows()
    )


def _with_digests(lines: pl.DataFrame, keyed: Keyed) -> pl.DataFrame:
    """Add the keyed digests of the accounts and names that the bank gives; null where it gives none."""
    accounts, names = lines["account"].drop_nulls().unique(), lines["name"].drop_nulls().unique()
    said_accounts = pl.Series(account_digests(account_numbers(accounts), keyed), dtype=pl.String)
    said_names = pl.Series(name_digests(one_lines(names), keyed), dtype=pl.String)
    return lines.join(
        pl.DataFrame({"account": accounts, "said_account": said_accounts}),
        on="account",
        how="left",
        validate="m:1",
        maintain_order="left",
    ).join(
        pl.DataFrame({"name": names, "said_name": said_names}),
        on="name",
        how="left",
        validate="m:1",
        maintain_order="left",
    )


def _because(lines: pl.DataFrame) -> pl.Series:
    """Return why each line is an exception by itself; null where it is none."""
    reasons = [
        ("unreadable", pl.col("fault").is_not_null()),
        ("unknown_reference", pl.col("batch_id").is_null()),
        ("never_sent", pl.col("state").is_in(_NEVER_SENT)),
        ("amount", pl.col("amount_fen").ne_missing(pl.col("amount_fen_sent"))),
        ("account", pl.col("said_account") != pl.col("account_digest")),
        ("name", pl.col("said_name") != pl.col("name_digest")),
    ]
    found = pl.coalesce(*(pl.when(holds).then(pl.lit(word)) for word, holds in reasons))
    return lines.select(found.alias("because")).to_series()


def _heard(heard: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return of each line that is no exception by itself whether it was said before, and what follows from all that was.

    Adds: `line`, `is_repeated`, `is_contradicted`, `is_late`, `source`, `target`; what follows stands on the last line of its
          attempt that says something new.
    """
    implied = heard.select(
        "reference", outcome=pl.col("state").replace_strict(_IMPLIES, default=None, return_dtype=pl.String)
    )
    standing = heard.select("reference", "state").unique()
    is_held_paid = pl.col("state") == AttemptState.CONFIRMED_PAID
    counted = before.join(standing, on="reference", validate="m:1").filter(
        ~is_held_paid | (pl.col("outcome") == PAID)  # the rest was overruled by two people
    )
    known = pl.concat([counted.select("reference", "outcome"), implied.drop_nulls()]).unique()
    # A line repeats what the bank said, not what two people concluded.
    told = before.select("reference", "outcome").unique().with_columns(is_told=pl.lit(value=True))
    seen = known.group_by("reference").agg((pl.col("outcome") == word).any().alias(f"was_{word}") for word in _WORDS)
    first = pl.struct("reference", "outcome").is_first_distinct()
    is_new = pl.col("is_told").is_null() & first
    # Overruled once, and said once more: the money may have come back since.
    is_again = (pl.col("outcome") == RETURNED) & is_held_paid & pl.col("is_told").is_not_null() & first
    by_line = (
        heard.select("line", "reference", "outcome", "state")
        .join(told, on=["reference", "outcome"], how="left", validate="m:1")
        .join(seen, on="reference", how="left", validate="m:1")
        .sort("line")
        .with_columns(is_new=is_new, is_again=is_again)
    )
    # Groups are added up and joined: a window over each of half a million references takes ten times as long.
    since = by_line.filter(pl.col("is_new") | pl.col("is_again")).group_by("reference")
    firsts = since.agg(pl.when(pl.col("outcome") == word).then("line").min().alias(f"since_{word}") for word in _WORDS)
    so_far = (
        by_line.join(firsts, on="reference", how="left", validate="m:1")
        .with_columns(_has_said(word).alias(f"is_{word}") for word in _WORDS)
        .with_columns(to=_state_after())
        .sort("reference", "line")
    )
    before_it = pl.when(pl.col("reference") == pl.col("reference").shift(1)).then(pl.col("to").shift(1))
    is_still_paid = pl.coalesce(before_it, "state") == AttemptState.CONFIRMED_PAID
    completes = pl.col("is_new") & pl.col("outcome").is_in([PAID, FAILED]) & pl.col("is_paid") & pl.col("is_failed")
    judged = (
        so_far.with_columns(is_contradicted=completes | (pl.col("is_again") & is_still_paid))
        .with_columns(
            is_repeated=~(pl.col("is_new") | pl.col("is_contradicted")),
            is_late=(pl.col("outcome") == RETURNED) & pl.col("is_paid"),
        )
        .with_columns(is_last=pl.struct("reference", "is_repeated").is_last_distinct())
    )
    moves = ~pl.col("is_repeated") & pl.col("is_last") & (pl.col("to") != pl.col("state"))
    return judged.select(
        "line",
        "is_repeated",
        "is_contradicted",
        "is_late",
        source=pl.when(moves).then("state"),
        target=pl.when(moves).then("to"),
    )


def _has_said(word: str) -> pl.Expr:
    """Return whether the bank has said a word of a line's attempt, before the file or by this line of it."""
    return pl.col(f"was_{word}").fill_null(value=False) | (pl.col("line") >= pl.col(f"since_{word}")).fill_null(
        value=False
    )


def _state_after() -> pl.Expr:
    """Return where an attempt stands by everything that was said of it so far; null where nothing was."""
    return (
        pl.when(pl.col("is_returned") | (pl.col("is_paid") & pl.col("is_failed")))
        .then(pl.lit(AttemptState.RETURNED.value))
        .when(pl.col("is_failed"))
        .then(pl.lit(AttemptState.CONFIRMED_FAILED.value))
        .when(pl.col("is_paid"))
        .then(pl.lit(AttemptState.CONFIRMED_PAID.value))
    )


def _verdict() -> pl.Expr:
    return (
        pl.when(pl.col("because").is_not_null())
        .then(pl.lit(Verdict.EXCEPTION.value))
        .when("is_repeated")
        .then(pl.lit(Verdict.DUPLICATE.value))
        .when("is_late")
        .then(pl.lit(Verdict.LATE_CHANGE.value))
        .otherwise(pl.lit(Verdict.MATCHED.value))
    )
