"""The payment profiles of a workspace: those shipped in `delivery/payment_profiles`, and its own in `payment_profiles/`."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from core.errors import DeliveryError
from core.findings import Finding, Place, nearest_help
from core.strict_yaml import parse_yaml, read_text
from delivery.banking.profile import PaymentProfile
from delivery.banking.profile_checks import profile_findings
from delivery.codes import DeliveryCode

SHIPPED = Path(__file__).parents[1] / "payment_profiles"
FOLDER = "payment_profiles"  # of a workspace


def read_profiles(own: Path | None = None) -> Mapping[str, PaymentProfile]:
    """Return the profiles by `code@version`: the shipped ones and those of a folder, which need not exist.

    Fails: `DeliveryError` with every fault of every file.
    """
    if own is None or not own.is_dir():
        return dict(_shipped())
    return _merged([*_shipped().values()], own)


def profile_named(profiles: Mapping[str, PaymentProfile], name: str) -> PaymentProfile:
    """Return a profile by `code@version`, or the newest version of a code.

    Fails: `DeliveryError` where there is none.
    """
    if name in profiles:
        return profiles[name]
    versions = [each for each in profiles.values() if each.code == name]
    if not versions:
        message, known = f"there is no payment profile `{name}`", {each.code for each in profiles.values()}
        raise DeliveryError.one(DeliveryCode.PROFILE_UNKNOWN, FOLDER, message, nearest_help(name, known, "profile"))
    return max(versions, key=lambda each: each.version)


@cache
def _shipped() -> Mapping[str, PaymentProfile]:
    return _merged([], SHIPPED)


def _merged(before: list[PaymentProfile], folder: Path) -> Mapping[str, PaymentProfile]:
    known = {each.name: each for each in before}
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.yaml")):
        place = f"{FOLDER}/{path.name}"
        try:
            profile = read_profile(read_text(path, error=DeliveryError, name=place), place)
        except DeliveryError as error:
            findings += error.findings
            continue
        findings += _clashes(profile, path, place, known)
        known.setdefault(profile.name, profile)
    if findings:
        raise DeliveryError(findings)
    return known


def read_profile(text: str, place: str) -> PaymentProfile:
    """Return the profile that a text says.

    Fails: `DeliveryError`, each fault with its line.
    """
    profile = parse_yaml(text, PaymentProfile, error=DeliveryError, name=place)
    if findings := list(profile_findings(profile, place)):
        raise DeliveryError(findings)
    return profile


def _clashes(profile: PaymentProfile, path: Path, place: str, known: Mapping[str, PaymentProfile]) -> Iterator[Finding]:
    at = Place(place, profile.line)
    if path.stem != profile.name:
        message = f"the profile is `{profile.name}`, its file is not"
        yield Finding(DeliveryCode.PROFILE_CLASH, at, message, f"call the file `{profile.name}.yaml`")
    if profile.name in known:
        message = f"the profile `{profile.name}` stands twice"
        remedy = "a change is a new version in a file of its own: what was sent must be rendered again"
        yield Finding(DeliveryCode.PROFILE_CLASH, at, message, remedy)
