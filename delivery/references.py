"""The end-to-end reference that a payment carries to the bank and back: unique for ever, with check digits.

It is an ISO 11649 creditor reference, so that banks' software can verify it: `RF`, two check digits,
then the item's id and the number of the attempt.
"""

from string import ascii_uppercase

import polars as pl

ITEM_LENGTH = 16  # what core.ids.derive_id gives after its prefix: ten bytes in base 32
REFERENCE_LENGTH_MAX = 25  # ISO 11649
_CHECK_MODULUS = 97
_SCHEME = "RF"
_LETTERS = list(ascii_uppercase)
_NUMBERS = [str(int(letter, 36)) for letter in _LETTERS]
_AS_NUMBERS = str.maketrans(dict(zip(_LETTERS, _NUMBERS, strict=True)))
_PART_DIGITS = 15  # so many, and a remainder before them, stay within 64 bits
_PARTS = 4  # of 25 characters, each of which is two digits at most


def reference_of(item_id: str, attempt: int) -> str:
    """Return the reference of the nth attempt to pay an item; attempts count from 1.

    Example: `RF45ABCDEFGHIJKLMNOP01` for the first attempt on `i_abcdefghijklmnop`.
    """
    assert attempt >= 1
    body = f"{item_id.removeprefix('i_').upper()}{attempt:02d}"
    reference = f"{_SCHEME}{_CHECK_MODULUS + 1 - _remainder(body + _SCHEME + '00'):02d}{body}"
    assert len(reference) <= REFERENCE_LENGTH_MAX, f"the reference of `{item_id}` is too long"
    return reference


def references_of(item_ids: pl.Series, attempts: pl.Series) -> pl.Series:
    """Return the references of many items: what `reference_of` gives for each.

    Shape: one String per item, in the same order.
    """
    if item_ids.is_empty():
        return pl.Series(item_ids.name, [], dtype=pl.String)
    assert attempts.min() >= 1  # type: ignore[operator]  # whole numbers
    bodies = pl.DataFrame({"item": item_ids, "attempt": attempts}).select(
        body=pl.col("item").str.strip_prefix("i_").str.to_uppercase() + pl.col("attempt").cast(pl.String).str.zfill(2)
    )
    longest = len(_SCHEME) + 2 + int(bodies["body"].str.len_chars().max() or 0)  # type: ignore[arg-type]  # a length
    assert longest <= REFERENCE_LENGTH_MAX, "a reference is too long"
    words = pl.col("body") + pl.lit(f"{_SCHEME}00")
    spelt = bodies.with_columns(digits=words.str.replace_many(_LETTERS, _NUMBERS).str.zfill(_PARTS * _PART_DIGITS))
    remainder = pl.lit(0, dtype=pl.Int64)
    for part in range(_PARTS):
        digits = pl.col("digits").str.slice(part * _PART_DIGITS, _PART_DIGITS).cast(pl.Int64)
        remainder = (remainder * 10**_PART_DIGITS + digits) % _CHECK_MODULUS
    check = (pl.lit(_CHECK_MODULUS + 1) - remainder).cast(pl.String).str.zfill(2)
    return spelt.select((pl.lit(_SCHEME) + check + pl.col("body")).alias(item_ids.name)).to_series()


def is_reference(text: str) -> bool:
    """Say whether a text is a reference with right check digits."""
    if not (text.startswith(_SCHEME) and text.isascii() and text.isalnum() and text == text.upper()):
        return False
    return len(text) > ITEM_LENGTH and _remainder(text[4:] + text[:4]) == 1


def item_of(reference: str) -> tuple[str, int] | None:
    """Return the item and the attempt that a reference names, or None where it is not one of ours."""
    body = reference[4:]
    attempt = body[ITEM_LENGTH:]
    if not is_reference(reference) or not attempt.isdecimal():
        return None
    return f"i_{body[:ITEM_LENGTH].lower()}", int(attempt)


def _remainder(text: str) -> int:
    """Return ISO 7064 MOD 97-10 of letters (A is 10) and digits."""
    return int(text.translate(_AS_NUMBERS)) % _CHECK_MODULUS
