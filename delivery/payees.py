"""Who receives the money and on which account; comes sealed out of the vault, never into a log.

The payee is the subject itself or who receives for it: a guardian, the head of the household, the
employer who passes it on. Which one is the store's to say; here the subject is only the key.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import polars as pl

from delivery.accounts import CHOSEN, Account
from delivery.codes import DeliveryCode

_ACCOUNT = "^[0-9A-Za-z][0-9A-Za-z-]{4,33}$"  # 34 is the longest an IBAN can be; ours have 8 to 30
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})  # not Cn and Co: rare surnames stand there
_CLEAN_NUMBER = "^[0-9A-Za-z-]*$"
_CLEAN_LINE = r"^[0-9A-Za-z\p{Han}·（）()-]*$"  # what nearly every name and bank consists of
_BETWEEN = "\x1f"

Keyed = Callable[[Iterable[str]], list[str]]
"""Gives the digest of each text under a key of the workspace."""

RECEIVING = pl.Schema({"subject_id": pl.String(), "payee_id": pl.String(), "name": pl.String(), **CHOSEN})
"""Who receives for each subject, cleaned, with the accounts that it may be paid on."""

RECEIVERS = pl.Schema({**RECEIVING, "digest": pl.String()})
"""Who receives for each subject, one row for each; a subject without any is left out.

`payee_id` is the receiving subject: the same for a guardian's two children. `digest` binds a batch
to this name and these accounts. It is keyed: without the key nobody can find an account by trying
all there are, so it may stand outside the vault.
`resource` knows the account where it is not that of the department asked first, which was `passed_over`. `is_closed`:
every account that is known has been called closed by a bank.
"""

PAYEES = pl.Schema({**RECEIVERS, "account_digest": pl.String(), "name_digest": pl.String()})
"""Receivers as batches are frozen with them. `account_digest` and `name_digest` are of the one alone: what a
bank says is compared with them, and equal accounts are found by them; of several accounts it is of all.
"""


@dataclass(frozen=True, slots=True)
class Payee:
    """One receiver: a row of `RECEIVERS`."""

    payee_id: str
    name: str = field(repr=False)
    accounts: tuple[Account, ...] = field(repr=False)
    digest: str

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """Return what a row says."""
        accounts = tuple(Account(each["number"], each["bank"]) for each in row["accounts"])
        return cls(row["payee_id"], row["name"], accounts, row["digest"])


class PayeeBook(Protocol):
    """The vault, as far as paying needs it; every opening is recorded."""

    def payees(self, subject_ids: Iterable[str]) -> pl.DataFrame:
        """Return who receives for each subject: `PAYEES`."""


def with_digest(receiving: pl.DataFrame, keyed: Keyed) -> pl.DataFrame:
    """Return who receives with the digest that binds a batch to them.

    Shape: `RECEIVING` in, `RECEIVERS` out; the same rows.
    """
    number, bank = pl.element().struct.field("number"), pl.element().struct.field("bank")
    written = pl.col("accounts").list.eval(pl.concat_str(number, bank, separator=_BETWEEN)).list.join(_BETWEEN)
    # INVARIANT: no field holds a control character, so fields cannot run together.
    whole = pl.when(pl.col("accounts").list.len() > 0).then(pl.concat_str("name", written, separator=_BETWEEN))
    texts = receiving.select(whole.otherwise("name")).to_series().to_list()
    return receiving.with_columns(pl.Series("digest", keyed(texts), dtype=pl.String)).select(RECEIVERS.names())


def with_digests(receivers: pl.DataFrame, keyed: Keyed) -> pl.DataFrame:
    """Return receivers with the digests of their names and of their accounts alone.

    Shape: `RECEIVERS` in, `PAYEES` out; the same rows.
    """
    numbers = pl.col("accounts").list.eval(pl.element().struct.field("number")).list.join(_BETWEEN)
    accounts = account_digests(receivers.select(numbers).to_series().to_list(), keyed)
    names = name_digests(receivers["name"].to_list(), keyed)
    return receivers.with_columns(
        pl.Series("account_digest", accounts, dtype=pl.String), pl.Series("name_digest", names, dtype=pl.String)
    ).select(PAYEES.names())


def account_digests(numbers: Iterable[str], keyed: Keyed) -> list[str]:
    """Return the digest of each account's number, cleaned, by itself."""
    return keyed(f"account{_BETWEEN}{number}" for number in numbers)


def name_digests(names: Iterable[str], keyed: Keyed) -> list[str]:
    """Return the digest of each name, cleaned, by itself."""
    return keyed(f"name{_BETWEEN}{name}" for name in names)


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


def one_lines(texts: pl.Series) -> pl.Series:
    """Return texts as `one_line` does; null stays null."""
    return _cleaned(texts, _CLEAN_LINE, one_line)


def account_numbers(texts: pl.Series) -> pl.Series:
    """Return texts as `account_number` does; null stays null."""
    return _cleaned(texts, _CLEAN_NUMBER, account_number)


def _cleaned(texts: pl.Series, clean: str, mended: Callable[[str], str]) -> pl.Series:
    """Return texts mended, each distinct one once that does not look clean already."""
    others = texts.filter(~texts.str.contains(clean)).unique()
    return texts.replace(others, pl.Series([mended(each) for each in others], dtype=pl.String))


def only_account(part: str) -> pl.Expr:
    """Return the `number` or the `bank` of the one account of `RECEIVERS`; null where there is none, or several."""
    return pl.when(pl.col("accounts").list.len() == 1).then(pl.col("accounts").list.first().struct.field(part))


def obstacle() -> pl.Expr:
    """Return the name of the code that says why nothing can be paid to one of `RECEIVERS`; null where it can."""
    count = pl.col("accounts").list.len()
    reasons = (
        (pl.col("is_closed"), DeliveryCode.ACCOUNT_CLOSED),
        (count == 0, DeliveryCode.NO_ACCOUNT),
        (pl.col("name") == "", DeliveryCode.NO_NAME),
        (count > 1, DeliveryCode.SEVERAL_ACCOUNTS),
        (~only_account("number").str.contains(_ACCOUNT), DeliveryCode.ACCOUNT_UNUSABLE),
    )
    return pl.coalesce(*(pl.when(holds).then(pl.lit(code.name)) for holds, code in reasons))
