"""The lines of a return file or a statement, whatever its form."""

import polars as pl

UNREADABLE = "unreadable"

OUTCOME = pl.Enum(["paid", "failed", "returned", "pending", UNREADABLE])

STATEMENT_LINES = pl.Schema(
    {
        "line": pl.Int64(),  # from 1, as an editor counts; in XML the payment's place in the file
        "reference": pl.String(),
        "account": pl.String(),  # null where the file does not say
        "name": pl.String(),  # null where the file does not say
        "amount_fen": pl.Int64(),
        "outcome": OUTCOME,
        "reason_code": pl.String(),
        "reason": pl.String(),
        "booked_on": pl.Date(),
        "fault": pl.String(),  # what cannot be read; null where all of it can
    }
)
"""Every line of a file, in its order."""
