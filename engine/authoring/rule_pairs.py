"""Which two versions are meant: two files, or a policy with two of its numbers."""

from collections.abc import Sequence
from pathlib import Path

from engine.authoring.rule_checks import FILE_ENDS
from engine.deployment import Deployment
from engine.lifecycle.publishing import chosen_versions
from rules.bound import RuleVersion
from rules.reading import read_version

Pair = tuple[RuleVersion, RuleVersion]


def pair_of(deployment: Deployment, words: Sequence[str]) -> Pair | None:
    """Return the older and the newer version: of two files, of a policy and two numbers, or a policy's newest two.

    None where the words can mean no two versions.
    Fails: RuleError where a file has faults, or where there is no such policy or version.
    """
    match words:
        case [old, new] if old.endswith(FILE_ENDS) and new.endswith(FILE_ENDS):
            return _read(deployment, old), _read(deployment, new)
        case [policy, old, new] if old.isdecimal() and new.isdecimal():
            return tuple(chosen_versions(deployment, policy, int(number))[-1] for number in (old, new))  # type: ignore[return-value]  # two
        case [policy]:
            newest = chosen_versions(deployment, policy, None)[-2:]
            return (newest[0], newest[1]) if len(newest) == len(("older", "newer")) else None
        case _:
            return None


def _read(deployment: Deployment, file: str) -> RuleVersion:
    return read_version(Path(file), deployment.catalogue)
