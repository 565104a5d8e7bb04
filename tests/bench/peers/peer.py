"""The peers: every engine that matches the made-up policies, and what it needs to be asked."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ROOT / ".venv" / "peers"
"""Where `make bench-peers` installs those that mianshen itself does not need; nothing else ever sees that folder."""

HOW_TO_INSTALL = "make bench-peers installs it"


class Held(Enum):
    """How the register is held that a peer reads."""

    AS_TEXTS = "texts"
    AS_CODES = "codes"  # texts as dictionaries; all else as it was
    PREPARED = "prepared"  # as `mianshen prepare` writes it


@dataclass(frozen=True, slots=True)
class Peer:
    """One engine.

    `made_by` names its module and function here, `package` what it is known as, with its module. Where `rows_max` is given it is
    asked of the first so many subjects, and what that took is carried on to all.
    """

    name: str
    made_by: str
    package: tuple[str, str] = ("polars", "polars")
    rows_max: int | None = None
    held: Held = Held.AS_TEXTS
    is_listed: bool = True

    @property
    def is_installed(self) -> bool:
        """Say whether its package is there."""
        return _is_shared(self) or (PACKAGES / self.package[1]).is_dir()


BY_HAND = Peer("Polars by hand", "ours:by_hand")
OURS = Peer("mianshen", "ours:together")
OURS_CODED = Peer("mianshen, texts held as codes", "ours:together", held=Held.AS_CODES)
OURS_PREPARED = Peer("mianshen, a prepared file", "ours:together", held=Held.PREPARED)
OURS_PLANES = Peer("mianshen, three planes", "ours:three_planes", is_listed=False)
OPENFISCA = Peer("OpenFisca", "openfisca:prepared", ("openfisca-core", "openfisca_core"))
DUCKDB = Peer("DuckDB", "duckdb_sql:prepared", ("duckdb", "duckdb"))
ZEN = Peer("zen-engine, batch", "zen_batch:prepared", ("zen-engine", "zen"), rows_max=2_000)
RULE_ENGINE = Peer("rule-engine", "rule_engine_texts:prepared", ("rule-engine", "rule_engine"), rows_max=300)

PEERS: Mapping[str, Peer] = {
    each.name: each
    for each in (BY_HAND, OURS, OURS_CODED, OURS_PREPARED, OURS_PLANES, OPENFISCA, DUCKDB, ZEN, RULE_ENGINE)
}
QUICK = (BY_HAND, OURS, OURS_PREPARED, OURS_PLANES, OPENFISCA, DUCKDB)
"""Those that match a whole register under many policies in seconds."""


def environment(peer: Peer) -> dict[str, str]:
    """Return the environment of a peer's own process: what only it needs is found there by it alone."""
    if _is_shared(peer):
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": str(PACKAGES)}


def installed(said: Callable[[str], None], peers: tuple[Peer, ...]) -> list[Peer]:
    """Return those that can run here, and say of the others what to install."""
    for peer in peers:
        if not peer.is_installed:
            said(f"{peer.name} is left out: {peer.package[0]} is not installed; {HOW_TO_INSTALL}")
    return [peer for peer in peers if peer.is_installed]


def _is_shared(peer: Peer) -> bool:
    """Say whether mianshen itself has the package."""
    return find_spec(peer.package[1]) is not None
