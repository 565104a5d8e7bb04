"""Portals of the city: opened, given another secret, ended; and each of their calls heard once.

What signs a portal's calls stands nowhere here: it is made from the workspace's own key and the portal's salt
(`engine.portals`), and known here by its digest only.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.findings import nearest_help
from store.audit import record
from store.audit_chain import JSON
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.rows import insert_new, insert_rows
from store.states.entry import PortalScope
from store.tables import PortalCall, PortalRow, table_of

_PORTAL = table_of(PortalRow)
_CALL = table_of(PortalCall)


@dataclass(frozen=True, slots=True)
class Secret:
    """What a secret is made with, and what it is known by."""

    salt: str
    digest: str


@dataclass(frozen=True, slots=True)
class Portal:
    """Another system that may call: what it may read and do, for which kinds of subjects, and how often a minute."""

    name: str
    secret: Secret
    may: frozenset[PortalScope]
    kinds: frozenset[str]
    a_minute: int
    opened_at: dt.datetime
    renewed_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def login(self) -> str:
        """Return the name under which it reads and acts."""
        return f"portal:{self.name}"


def open_portal(  # all by name; a portal has this many parts
    tx: Writing,
    name: str,
    secret: Secret,
    *,
    may: Collection[PortalScope],
    kinds: Collection[str],
    a_minute: int,
    by: str,
) -> None:
    """Open a portal, or give an open one another secret and what it may from now on.

    Fails: RefusedError where the name was one of a portal that ended.
    """
    said: dict[str, JSON] = {"may": sorted(may), "kinds": sorted(kinds), "a_minute": a_minute}
    record(tx, "portal.opened", by=by, about=name, said=said)
    known = portal_of(tx, name)
    if known is not None and known.ended_at is not None:
        raise refused(StoreCode.NAME_TAKEN, name, f"the portal `{name}` has ended", "choose another name")
    row = {
        "salt": secret.salt,
        "secret_digest": secret.digest,
        "may": ",".join(sorted(may)),
        "kinds": ",".join(sorted(kinds)),
        "a_minute": a_minute,
        "renewed_at": tx.now,
    }
    if known is None:
        insert_rows(tx, PortalRow, [row | {"name": name, "opened_at": tx.now}])
    else:
        tx.connection.execute(sa.update(_PORTAL).where(_PORTAL.c.name == name).values(**row))


def end_portal(tx: Writing, name: str, *, by: str) -> None:
    """End a portal for good: its next call is refused, and its name stays taken.

    Fails: RefusedError where no portal of this name is open.
    """
    record(tx, "portal.ended", by=by, about=name, said={})
    own = sa.update(_PORTAL).where(_PORTAL.c.name == name, _PORTAL.c.ended_at.is_(None))
    if tx.connection.execute(own.values(ended_at=tx.now)).rowcount != 1:
        open_names = [each.name for each in read_portals(tx) if each.ended_at is None]
        help_line = nearest_help(name, open_names, "portal")
        raise refused(StoreCode.UNKNOWN_NAME, name, f"no portal `{name}` is open", help_line)


def portal_of(rx: Reading, name: str) -> Portal | None:
    """Return the portal with a name, ended or not, or None."""
    row = rx.connection.execute(sa.select(_PORTAL).where(_PORTAL.c.name == name)).one_or_none()
    return None if row is None else _portal(row)


def read_portals(rx: Reading) -> list[Portal]:
    """Return every portal, by name."""
    return [_portal(row) for row in rx.connection.execute(sa.select(_PORTAL).order_by(_PORTAL.c.name))]


def hear_call(tx: Writing, portal: str, nonce: str, *, lasts: dt.timedelta) -> bool:
    """Keep the nonce of a portal's call, and say whether it is new; those that are older than `lasts` are forgotten."""
    tx.connection.execute(sa.delete(_CALL).where(_CALL.c.called_at < tx.now - lasts))
    return insert_new(tx, PortalCall, {"portal": portal, "nonce": nonce, "called_at": tx.now})


def _portal(row: sa.Row[tuple[object, ...]]) -> Portal:
    return Portal(
        row.name,
        Secret(row.salt, row.secret_digest),
        frozenset(map(PortalScope, row.may.split(","))),
        frozenset(row.kinds.split(",")),
        row.a_minute,
        row.opened_at,
        row.renewed_at,
        row.ended_at,
    )
