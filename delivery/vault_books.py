"""The vault as paying and telling see it: who receives, and how to reach them; each opening is recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from delivery.contacts import Contact
from delivery.identities import Identity
from delivery.masks import account_words
from delivery.payees import RECEIVERS, Payee, account_digests, account_number, with_digest, with_digests
from delivery.receiving import FIELDS, Ranks, closing, offered, receiving
from profiles.catalogue import Role
from profiles.identity import Seals
from store.closed_accounts import closed_accounts
from store.merges import Canon
from store.opening import Store
from store.vault_openings import NUMBER, distinct, kinds_of, open_in_parts, open_personal

_Known = Mapping[str, Mapping[str, str]]  # by field, then by the resource that says so


def payee_keys(seals: Seals, texts: Iterable[str]) -> list[str]:
    """Return the keyed digest of each thing about a payee: a name, an account, all of it."""
    return [index.hex() for index in seals.blind_indexes("payee", texts)]


@dataclass(frozen=True, slots=True)
class VaultBook:
    """Opens the vault for a purpose, in a transaction of its own.

    `public_kinds` are kinds of subjects whose name is public: firms. `ranks` say which resource is asked first for what.
    """

    store: Store
    seals: Seals
    by: str
    public_kinds: Collection[str] = ("enterprise",)
    ranks: Ranks = field(default_factory=Ranks)

    def payees(self, subject_ids: Iterable[str]) -> pl.DataFrame:
        """Return who receives for each subject, as batches are frozen with it: `PAYEES`; as `receivers`."""
        return with_digests(self.receivers(subject_ids), partial(payee_keys, self.seals))

    def receivers(self, subject_ids: Iterable[str]) -> pl.DataFrame:
        """Return who receives for each subject: itself, with every account that any resource knows for it.

        The account that the subject named itself stands alone, before those of departments; of these that of the
        department which the catalogue asks first and that no bank called closed. The name is that of the department which
        knows the account, for banks compare the two. Several ids of a subject that was merged are one payee.

        Shape: `RECEIVERS`, by subject; who is not in the vault is left out.
        """
        asked = distinct(subject_ids)
        with self.store.reading() as rx:
            canon, closed, kinds = Canon.read(rx), closed_accounts(rx), kinds_of(rx, asked)
        with (
            self.store.writing() as tx,
            open_in_parts(tx, self.seals, asked, FIELDS, by=self.by, why="payout") as opened,
        ):
            parts = [self._received(part, kinds, closed) for part in opened]
        found = pl.concat([RECEIVERS.to_frame(), *parts])
        return found.with_columns(payee_id=canon.column(found["payee_id"]))

    def _received(self, opened: pl.DataFrame, kinds: pl.DataFrame, closed: Collection[str]) -> pl.DataFrame:
        """Return who receives for some subjects, each for itself; accounts whose digests are `closed` are passed over."""
        keyed = partial(payee_keys, self.seals)
        accounts = offered(opened, kinds.join(opened, on="subject_id", how="semi"), self.ranks)
        if closed:
            numbers = accounts["number"].unique()
            digests = account_digests(numbers, keyed)
            accounts = closing(
                accounts, {number for number, digest in zip(numbers, digests, strict=True) if digest in closed}
            )
        return with_digest(receiving(opened, accounts), keyed)

    def payee(self, subject_id: str) -> Payee:
        """Return who receives for a subject, as `receivers`.

        Expects: the vault knows it.
        """
        return Payee.of_row(self.receivers([subject_id]).row(0, named=True))

    def mark(self, address: str) -> str:
        """Return a keyed mark of an address."""
        return self.seals.blind_index("contact", address).hex()

    def contacts(self, subject_ids: Iterable[str], *, with_accounts: Collection[str] = ()) -> dict[str, Contact]:
        """Return how to reach each subject; of several addresses that of the first resource by name, the others in reserve.

        Each is told for itself, so each opening is recorded by itself; accounts are opened only `with_accounts`.
        """
        wanted = set(subject_ids)
        fields = (Role.NAME, Role.EMAIL, Role.PHONE)
        opened: dict[str, _Known] = {}
        for some, more in (
            (wanted.difference(with_accounts), ()),
            (wanted.intersection(with_accounts), (Role.ACCOUNT,)),
        ):
            if some:
                opened |= self._open(sorted(some), (*fields, *more), why="notice", is_each_recorded=True)
        with self.store.reading() as rx:
            kinds = dict(kinds_of(rx, opened).iter_rows())
        return {
            subject_id: Contact(
                name=_first(known, Role.NAME) or "",
                is_person=kinds[subject_id] not in self.public_kinds,
                email=_first(known, Role.EMAIL),
                phone=_first(known, Role.PHONE),
                spare_emails=_others(known, Role.EMAIL),
                spare_phones=_others(known, Role.PHONE),
                accounts=dict(map(self._named_account, known.get(Role.ACCOUNT, {}).values())),
            )
            for subject_id, known in opened.items()
        }

    def names(self, subject_ids: Iterable[str], *, why: str) -> dict[str, str]:
        """Return how each subject is called, by the first resource that knows it; nothing where none does."""
        opened = self._open(sorted(set(subject_ids)), (Role.NAME,), why=why)
        return {subject_id: _first(known, Role.NAME) or "" for subject_id, known in opened.items()}

    def identities(self, subject_ids: Iterable[str], *, why: str) -> dict[str, Identity]:
        """Return who each subject is, for a purpose that needs names; each is known by the newest number."""
        opened = self._open(sorted(set(subject_ids)), (Role.NAME, NUMBER), why=why)
        return {
            subject_id: Identity(_first(known, Role.NAME) or "", _first(known, NUMBER) or "")
            for subject_id, known in opened.items()
        }

    def _named_account(self, number: str) -> tuple[str, str]:
        """Return an account's digest, as attempts keep it, and what a letter calls it."""
        cleaned = account_number(number)
        (digest,) = account_digests([cleaned], partial(payee_keys, self.seals))
        return digest, account_words(cleaned)

    def _open(
        self, subject_ids: Sequence[str], fields: Collection[str], *, why: str, is_each_recorded: bool = False
    ) -> dict[str, _Known]:
        opened = self._opened(subject_ids, fields, why=why, is_each_recorded=is_each_recorded)
        known: dict[str, defaultdict[str, dict[str, str]]] = {}
        for subject_id, name, resource, value in opened.iter_rows():
            known.setdefault(subject_id, defaultdict(dict))[name][resource] = value
        return dict(known)

    def _opened(
        self, subject_ids: Iterable[str], fields: Collection[str], *, why: str, is_each_recorded: bool = False
    ) -> pl.DataFrame:
        with self.store.writing() as tx:
            return open_personal(
                tx, self.seals, subject_ids, fields, by=self.by, why=why, is_each_recorded=is_each_recorded
            )


def _first(known: _Known, name: str) -> str | None:
    return next(iter(known.get(name, {}).values()), None)


def _others(known: _Known, name: str) -> tuple[str, ...]:
    """Return what else is known than the first, each once, in the order of resources."""
    values = dict.fromkeys(known.get(name, {}).values())
    return tuple(values)[1:]
