"""How to reach a subject; comes sealed out of the vault, never into a log."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from delivery.masks import mask_name
from delivery.payees import one_line


@dataclass(frozen=True, slots=True)
class Contact:
    """A subject's name and addresses; an address that is not known is None.

    `accounts` are its accounts by their keyed digests, each as a letter names it, where they were asked for.
    """

    name: str = field(repr=False)
    is_person: bool
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    accounts: Mapping[str, str] = field(default_factory=dict, repr=False)
    spare_emails: tuple[str, ...] = field(default=(), repr=False)  # of other departments, to be tried in this order
    spare_phones: tuple[str, ...] = field(default=(), repr=False)

    def without(self, address: str) -> Self:
        """Return the contact by what is left once an address has turned out to be bad."""
        emails, phones = (
            [each for each in (first, *spare) if each and each != address]
            for first, spare in ((self.email, self.spare_emails), (self.phone, self.spare_phones))
        )
        return replace(
            self,
            email=next(iter(emails), None),
            phone=next(iter(phones), None),
            spare_emails=tuple(emails[1:]),
            spare_phones=tuple(phones[1:]),
        )

    @property
    def greeting(self) -> str:
        """Return the name for a message that may reach the wrong hands: a person's is masked, a firm's is public.

        Nulls: whose name is not known is greeted without one.
        """
        name = one_line(self.name)
        if not name:
            return "您好"
        return mask_name(name) if self.is_person else name

    @property
    def you(self) -> str:
        """Return how a letter says you."""
        return "您" if self.is_person else "贵单位"


class ContactBook(Protocol):
    """The vault, as far as telling needs it; every opening is recorded."""

    def mark(self, address: str) -> str:
        """Return a keyed mark of an address, by which a bad one is known again without keeping it."""

    def contacts(self, subject_ids: Iterable[str], *, with_accounts: Collection[str] = ()) -> Mapping[str, Contact]:
        """Return how to reach each subject, some of them with their accounts.

        A subject that the vault does not know is left out.
        """
