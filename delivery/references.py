"""The end-to-end reference that a payment carries to the bank and back: unique for ever, with check digits.

It is an ISO 11649 creditor reference, so that banks' software can verify it: `RF`, two check digits,
then the item's id and the number of the attempt.
"""

from string import ascii_uppercase

ITEM_LENGTH = 16  # what core.ids.derive_id gives after its prefix: ten bytes in base 32
REFERENCE_LENGTH_MAX = 25  # ISO 11649
_CHECK_MODULUS = 97
_SCHEME = "RF"
_AS_NUMBERS = str.maketrans({letter: str(int(letter, 36)) for letter in ascii_uppercase})


def reference_of(item_id: str, attempt: int) -> str:
    """Return the reference of the nth attempt to pay an item; attempts count from 1.

    Example: `RF45ABCDEFGHIJKLMNOP01` for the first attempt on `i_abcdefghijklmnop`.
    """
    assert attempt >= 1
    body = f"{item_id.removeprefix('i_').upper()}{attempt:02d}"
    reference = f"{_SCHEME}{_CHECK_MODULUS + 1 - _remainder(body + _SCHEME + '00'):02d}{body}"
    assert len(reference) <= REFERENCE_LENGTH_MAX, f"the reference of `{item_id}` is too long"
    return reference


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
