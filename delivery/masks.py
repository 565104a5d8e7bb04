"""Personal words made safe to show: in messages, on publicity lists, on screens that others may see.

Source: 政府信息公开条例 (2019), 15; in practice the name as 张*三, a number by its ends, never an account.
"""

import re

STAR = "*"
_NUMBER_SHOWN = re.compile(r"(?<![0-9A-Za-z])(\d{17}[0-9Xx]|\d{12,19}|1[3-9]\d{9})(?![0-9A-Za-z])")
"""A citizen's number, an account (12 to 19 digits) or a mobile phone, standing by itself."""


def mask_name(name: str) -> str:
    """Return a person's name with its middle hidden: 张*, 张*三, 欧**娜."""
    letters = name.strip()
    if len(letters) <= 1:
        return STAR
    last = letters[-1] if len(letters) > 2 else ""  # noqa: PLR2004  # of two characters the first is shown
    return letters[0] + STAR * (len(letters) - 1 - len(last)) + last


def mask_number(number: str) -> str:
    """Return a citizen's number by its region and its last four: `310118********1234`."""
    return _ends(number, first=6, last=4)


def mask_phone(phone: str) -> str:
    """Return a phone number by its ends: `138****5678`."""
    return _ends(phone, first=3, last=4)


def mask_account(account: str) -> str:
    """Return an account by its last four: `***************1234`."""
    return _ends(account, first=0, last=4)


def account_words(account: str) -> str:
    """Return an account as a letter names it to its owner: 尾号1234的账户."""
    return f"尾号{mask_account(account).lstrip(STAR) or STAR}的账户"


def shows_number(text: str) -> bool:
    """Say whether a text shows somebody's number, account or mobile phone unmasked."""
    return _NUMBER_SHOWN.search(text) is not None


def _ends(text: str, *, first: int, last: int) -> str:
    """Hide all but the ends; a text too short to hide anything in is hidden whole."""
    if len(text) <= first + last:
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[-last:]
