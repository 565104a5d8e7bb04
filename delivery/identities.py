"""Who somebody is: name and number, for those who have to recognise them; comes sealed out of the vault, never into a log."""

from dataclasses import dataclass, field

from delivery.masks import mask_name, mask_number


@dataclass(frozen=True, slots=True)
class Identity:
    """A subject's name and the number it is known by; empty where nobody knows them. Neither shows in its `repr`."""

    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)

    @property
    def masked_name(self) -> str:
        """Return the name with its middle hidden."""
        return mask_name(self.name)

    @property
    def masked_number(self) -> str:
        """Return the number by its ends."""
        return mask_number(self.number)
