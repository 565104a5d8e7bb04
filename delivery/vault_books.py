"""The vault as paying and telling see it: who receives, and how to reach them; each opening is recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Self

from delivery.accounts import UNRANKED, Account, Offered, choose
from delivery.contacts import Contact
from delivery.identities import Identity
from delivery.masks import account_words
from delivery.payees import Payee, account_number, one_line, payee_digests
from profiles.catalogue import Catalogue, Role
from profiles.identity import Seals
from store.closed_accounts import closed_accounts
from store.merges import Canon
from store.opening import Store
from store.vault_openings import NUMBER, kinds_of, open_personal

CONFIRMED: Final = "act:account"  # under what a subject's own account is kept; no resource of a catalogue is called so
HOLDER: Final = "holder"  # whose that account is, where it is not the subject's own

_Known = Mapping[str, Mapping[str, str]]  # by field, then by the resource that says so


def payee_key(seals: Seals, text: str) -> str:
    """Return the keyed digest of something about a payee: a name, an account, all of it."""
    return seals.blind_index("payee", text).hex()


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which resource is asked first for accounts, by the catalogue: 1 before 2, before those without a rank.

    `kinds` are the kinds of subjects that ranked resources speak of.
    """

    by_resource: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_catalogue(cls, catalogue: Catalogue) -> Self:
        """Return the ranks that a catalogue declares."""
        ranked = {
            resource.resource: (column.rank, resource.subject)
            for resource in catalogue.resources.values()
            if (column := resource.column_of(Role.ACCOUNT)) is not None and column.rank is not None
        }
        return cls(
            {code: rank for code, (rank, _) in ranked.items()}, {code: kind for code, (_, kind) in ranked.items()}
        )

    def of(self, resource: str, first: int) -> int:
        """Return the rank of a resource; what a subject named itself has the first."""
        return first if resource == CONFIRMED else self.by_resource.get(resource, UNRANKED)

    def first(self, kind: str) -> int:
        """Return the rank that is asked first for subjects of a kind."""
        return min((rank for code, rank in self.by_resource.items() if self.kinds[code] == kind), default=UNRANKED)


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

    def payees(self, subject_ids: Iterable[str]) -> dict[str, Payee]:
        """Return who receives for each subject: itself, with every account that any resource knows for it.

        The account that the subject named itself stands alone, before those of departments; of these that of the
        department which the catalogue asks first and that no bank called closed. Several ids of a subject that was merged
        are one payee.
        """
        opened = self._open(sorted(set(subject_ids)), (Role.NAME, Role.ACCOUNT, Role.BANK, HOLDER), why="payout")
        with self.store.reading() as rx:
            canon, closed, kinds = Canon.read(rx), closed_accounts(rx), kinds_of(rx, opened)
        return {
            subject_id: self._payee(canon.of(subject_id), known, closed, self.ranks.first(kinds.get(subject_id, "")))
            for subject_id, known in opened.items()
        }

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
            kinds = kinds_of(rx, opened)
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

    def _payee(self, subject_id: str, known: _Known, closed: Collection[str], first: int) -> Payee:
        """Return a payee; the name is that of the department which knows the account, for banks compare the two."""
        accounts = known.get(Role.ACCOUNT, {})
        names = known.get(Role.NAME, {})
        if CONFIRMED in accounts:
            holder = known.get(HOLDER, {}).get(CONFIRMED)
            accounts, names = {CONFIRMED: accounts[CONFIRMED]}, {CONFIRMED: holder} if holder else names
        keyed, banks = partial(payee_key, self.seals), known.get(Role.BANK, {})
        offered = [
            Offered(
                Account(account_number(number), one_line(banks.get(resource, ""))),
                resource,
                self.ranks.of(resource, first),
            )
            for resource, number in accounts.items()
            if account_number(number)
        ]
        numbers = {each.account.number for each in offered} if closed else set[str]()
        chosen = choose(offered, {each for each in numbers if payee_digests("", each, keyed)[0] in closed}, first)
        of = {each.resource for each in offered if each.account in chosen.accounts}
        name = next(
            (names[resource] for resource in accounts if resource in of & names.keys()), _first(known, Role.NAME)
        )
        payee = Payee.of(subject_id, name or "", chosen.accounts, keyed=keyed)
        return replace(payee, resource=chosen.resource, passed_over=chosen.passed_over, is_closed=chosen.is_closed)

    def _named_account(self, number: str) -> tuple[str, str]:
        """Return an account's digest, as attempts keep it, and what a letter calls it."""
        cleaned = account_number(number)
        digest, _ = payee_digests("", cleaned, partial(payee_key, self.seals))
        return digest, account_words(cleaned)

    def _open(
        self, subject_ids: Sequence[str], fields: Collection[str], *, why: str, is_each_recorded: bool = False
    ) -> dict[str, _Known]:
        with self.store.writing() as tx:
            opened = open_personal(
                tx, self.seals, subject_ids, fields, by=self.by, why=why, is_each_recorded=is_each_recorded
            )
        known: dict[str, defaultdict[str, dict[str, str]]] = {}
        for subject_id, name, resource, value in opened.iter_rows():
            known.setdefault(subject_id, defaultdict(dict))[name][resource] = value
        return dict(known)


def _first(known: _Known, name: str) -> str | None:
    return next(iter(known.get(name, {}).values()), None)


def _others(known: _Known, name: str) -> tuple[str, ...]:
    """Return what else is known than the first, each once, in the order of resources."""
    values = dict.fromkeys(known.get(name, {}).values())
    return tuple(values)[1:]
