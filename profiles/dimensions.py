"""By what effects on many people are broken down: `catalogue/dimensions.yaml` names attributes and their bands.

A dimension only groups what is shown; it decides nothing, and a catalogue without the file has none.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal

from core.errors import ProfileError
from core.findings import Finding, Place, nearest_help
from core.strict_yaml import Written, read_yaml
from core.values import ValueType
from profiles.catalogue import Attribute, Catalogue
from profiles.codes import ProfileCode

FILE = "dimensions.yaml"

Banding = Literal["value", "digits", "years", "bands", "section"]


class Dimension(Written):
    """One way to group subjects of a kind by an attribute, named by code or label.

    At most one of: `digits`, of a region's code; `years`, the ages at which a band begins; `bands`, the numbers at which
    one begins; `section`, the letter of an industry. With none of them each value is a group of its own.
    """

    code: str
    label: str
    subject: str
    attribute: str
    digits: int | None = None
    years: tuple[int, ...] = ()
    bands: tuple[int | Decimal, ...] = ()
    section: bool = False

    @property
    def banding(self) -> Banding:
        """Return how values become groups."""
        if self.digits is not None:
            return "digits"
        if self.years:
            return "years"
        if self.bands:
            return "bands"
        return "section" if self.section else "value"


class _Dimensions(Written):
    dimensions: tuple[Dimension, ...]


_FITTING: dict[Banding, frozenset[ValueType]] = {
    "value": frozenset({ValueType.BOOL, ValueType.TEXT, ValueType.INTEGER, ValueType.REGION}),
    "digits": frozenset({ValueType.REGION}),
    "years": frozenset({ValueType.DATE}),
    "bands": frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY}),
    "section": frozenset({ValueType.INDUSTRY}),
}


def read_dimensions(folder: Path, catalogue: Catalogue) -> tuple[Dimension, ...]:
    """Return the dimensions that a catalogue's folder declares, in their order; none where there is no file.

    Fails: ProfileError with every fault.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    place = f"{folder.name}/{FILE}"
    written = read_yaml(path, _Dimensions, error=ProfileError, name=place).dimensions
    findings = [finding for each in written for finding in _faults(each, catalogue, Place(place, each.line))]
    if findings:
        raise ProfileError(findings)
    return written


def _faults(dimension: Dimension, catalogue: Catalogue, here: Place) -> Iterator[Finding]:
    name = dimension.code
    attribute = catalogue.attribute_named(dimension.attribute)
    if attribute is None:
        words = [each.label for each in catalogue.attributes.values()]
        message = f"`{name}`: unknown attribute `{dimension.attribute}`"
        yield Finding(
            ProfileCode.UNKNOWN_ATTRIBUTE, here, message, nearest_help(dimension.attribute, words, "attribute")
        )
        return
    if attribute.subject != dimension.subject:
        message = f"`{name}` groups a `{dimension.subject}`, `{dimension.attribute}` is about a `{attribute.subject}`"
        yield Finding(ProfileCode.SUBJECT_MISFIT, here, message)
    ways = [dimension.digits is not None, bool(dimension.years), bool(dimension.bands), dimension.section]
    if sum(ways) > 1:
        message = f"`{name}`: at most one of `digits`, `years`, `bands` and `section` goes with a dimension"
        yield Finding(ProfileCode.LIMITS_MISFIT, here, message)
    elif attribute.type not in _FITTING[dimension.banding]:
        message = f"`{name}`: `{dimension.banding}` does not go with an attribute of type `{attribute.type}`"
        yield Finding(ProfileCode.LIMITS_MISFIT, here, message, _remedy(attribute))
    for limits in (dimension.years, dimension.bands):
        if list(limits) != sorted(set(limits)):
            yield Finding(ProfileCode.LIMITS_MISFIT, here, f"`{name}`: the bands begin at rising numbers")


def _remedy(attribute: Attribute) -> str | None:
    fitting = [banding for banding, types in _FITTING.items() if attribute.type in types]
    return f"`{'`, `'.join(fitting)}` would" if fitting else None
