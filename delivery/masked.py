"""What may be shown of a subject in public: words that only masking makes, so that no list can hold any others."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from delivery.identities import Identity
from delivery.masks import mask_name, mask_number

PUBLIC_KINDS: Final = ("enterprise",)  # firms, whose names stand in a public register


class Masked:
    """A word that is safe in public; it comes from a mask, and from nowhere else."""

    __slots__ = ("_text",)
    _text: str

    def __init__(self) -> None:
        """Refuse to be made of any text: `name` and `number` mask what they are given.

        Fails: TypeError, always.
        """
        raise TypeError("a word for the public comes from a mask")

    @classmethod
    def name(cls, name: str) -> Self:
        """Return a person's name, its middle hidden."""
        return cls._made(mask_name(name))

    @classmethod
    def number(cls, number: str) -> Self:
        """Return a number by its ends."""
        return cls._made(mask_number(number))

    @classmethod
    def firm(cls, name: str, kind: str, *, public_kinds: Collection[str] = PUBLIC_KINDS) -> Self:
        """Return the name of a firm, which is public; that of anybody else masked."""
        return cls._made(name.strip()) if kind in public_kinds else cls.name(name)

    @classmethod
    def _made(cls, text: str) -> Self:
        made = object.__new__(cls)
        object.__setattr__(made, "_text", text)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a masked word stays what the mask made.

        Fails: AttributeError, always.
        """
        raise AttributeError(name)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Masked({self._text})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class PublicPerson:
    """A subject as the public sees it."""

    name: Masked
    number: Masked

    @classmethod
    def of(cls, who: Identity, kind: str) -> Self:
        """Return what may be shown of a subject of a kind."""
        return cls(Masked.firm(who.name, kind), Masked.number(who.number))
