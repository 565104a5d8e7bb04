"""Numbers that stand inside other texts: a card number that begins with its holder's number, a remark that quotes it.

The number is replaced by the subject's id, so that the text still tells rows apart and tells nobody who it is.
"""

from itertools import product

import polars as pl

from profiles.catalogue import Resource, Role

LENGTH_LEAST = 9  # a shorter number, such as a household's, is found in texts by chance
CITIZEN_BODY = 17  # the check sign is often left out or written small
_ROLES = {Role.SUBJECT: "subject_id", Role.FORMER: "subject_id", Role.OTHER: "other_id"}


def hide_numbers(rows: pl.DataFrame, keys: pl.DataFrame, resource: Resource) -> tuple[pl.DataFrame, int]:
    """Replace in every text of a row the numbers that the row is about, and count the cells.

    Expects: `rows` with `subject_id` (and `other_id`), `keys` with the numbers, in the same order.
    """
    free = {column.name for column in resource.columns if column.type == "text" and not column.values}
    texts = [name for name in rows.columns if name in free | {"row_key"}]
    roles = [role for role in _ROLES if role in keys.columns]
    hidden = 0
    for role, name in product(roles, texts):
        number = _needle(keys[role], resource, role)
        holds = _holds(rows[name], number)
        if holds.any():
            hidden += int(holds.sum())
            rows = rows.with_columns(_replaced(rows[name], number, rows[_ROLES[role]]).zip_with(holds, rows[name]))
    return rows, hidden


def _needle(numbers: pl.Series, resource: Resource, role: Role) -> pl.Series:
    """Return what to look for: of a citizen's number all but the check sign; null where it is too short to look for."""
    column = resource.column_of(role)
    if column is not None and column.type == "citizen_id":
        numbers = numbers.str.head(CITIZEN_BODY)
    return numbers.set(numbers.str.len_bytes() < LENGTH_LEAST, None)


def _holds(texts: pl.Series, number: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"text": texts, "number": number})
    holds = frame.select(pl.col("text").str.contains(pl.col("number"), literal=True)).to_series()
    return holds.fill_null(value=False)


def _replaced(texts: pl.Series, number: pl.Series, ids: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"text": texts, "number": number, "id": ids})
    return (
        frame.select(pl.col("text").str.split(pl.col("number")).list.join(pl.col("id"))).to_series().alias(texts.name)
    )
