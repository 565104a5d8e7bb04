"""Who receives the money and on which account; comes sealed out of the vault, never into a log.

The payee is the subject itself or who receives for it: a guardian, the head of the household, the
employer who passes it on. Which one is the store's to say; here the subject is only the key.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from delivery.accounts import Account, PassedOver
from delivery.codes import DeliveryCode
from delivery.masks import mask_account

_ACCOUNT = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{4,33}")  # 34 is the longest an IBAN can be; ours have 8 to 30
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})  # not Cn and Co: rare surnames stand there

Keyed = Callable[[str], str]
"""Gives a text's digest under a key of the workspace."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who receives for a subject, cleaned, with every account known for it.

    `payee_id` is the receiving subject: the same for a guardian's two children. `digest` binds a batch
    to this name and these accounts. It is keyed: without the key nobody can find an account by trying
    all there are, so it may stand outside the vault. `account_digest` and `name_digest` are of the one alone: what a
    bank says is compared with them, and equal accounts are found by them; of several accounts it is of all.
    `resource` knows the account where it is not that of the department asked first, which was `passed_over`. `is_closed`:
    every account that is known has been called closed by a bank.
    """

    payee_id: str
    name: str = field(repr=False)
    accounts: tuple[Account, ...] = field(repr=False)
    digest: str
    account_digest: str
    name_digest: str
    resource: str | None = None
    passed_over: PassedOver | None = None
    is_closed: bool = False

    @classmethod
    def of(cls, payee_id: str, name: str, accounts: Iterable[Account], *, keyed: Keyed) -> Self:
        """Return a payee as the vault knows it; the same account delivered twice is one."""
        cleaned = {Account(account_number(each.number), one_line(each.bank)) for each in accounts}
        distinct = tuple(sorted(account for account in cleaned if account.number))
        fields = [one_line(name), *(word for each in distinct for word in (each.number, each.bank))]
        # INVARIANT: no field holds a control character, so fields cannot run together.
        digests = (
            keyed("\x1f".join(fields)),
            *payee_digests(fields[0], "\x1f".join(each.number for each in distinct), keyed),
        )
        return cls(payee_id, fields[0], distinct, *digests)


class PayeeBook(Protocol):
    """The vault, as far as paying needs it; every opening is recorded."""

    def payees(self, subject_ids: Iterable[str]) -> Mapping[str, Payee]:
        """Return who receives for each subject; a subject without any is left out."""


def one_line(text: str) -> str:
    """Return a text on one line, without control characters and other things that do not show.

    Line breaks would split a bank's record, and a hidden direction mark can make an account read
    backwards. Characters not yet in Unicode stay: rare surnames are written with them.
    """
    shown = text
    if not text.isprintable():  # nearly every text is; then nothing in it is of these categories but the space
        shown = "".join(" " if unicodedata.category(each) in _INVISIBLE else each for each in text)
    return " ".join(shown.split())


def account_number(text: str) -> str:
    """Return an account number as banks take it: half-width, without spaces."""
    return "".join(one_line(unicodedata.normalize("NFKC", text)).split())


def payee_digests(name: str, number: str, keyed: Keyed) -> tuple[str, str]:
    """Return the digests of an account's number and of a name, both cleaned, each by itself."""
    return keyed(f"account\x1f{number}"), keyed(f"name\x1f{name}")


def account_shown(payee: Payee) -> str:
    """Return the one account of a payee by its last signs."""
    return mask_account(only_account(payee).number)


def obstacle(payee: Payee | None) -> DeliveryCode | None:
    """Return why nothing can be paid to a payee, or None where it can."""
    if payee is not None and payee.is_closed:
        return DeliveryCode.ACCOUNT_CLOSED
    if payee is None or not payee.accounts:
        return DeliveryCode.NO_ACCOUNT
    if not payee.name:
        return DeliveryCode.NO_NAME
    if len(payee.accounts) > 1:
        return DeliveryCode.SEVERAL_ACCOUNTS
    return None if _ACCOUNT.fullmatch(payee.accounts[0].number) else DeliveryCode.ACCOUNT_UNUSABLE


def only_account(payee: Payee) -> Account:
    """Return the one account of a payee without obstacle."""
    (account,) = payee.accounts
    return account
