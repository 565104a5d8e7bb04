"""Portals of the city: other systems that read and act for a subject, each by calls that it signs.

A portal's secret is made from the workspace's own key and a salt, said once, and kept nowhere: what the database has of it
signs nothing.
"""

import re
import secrets
from collections.abc import Collection
from typing import Final

from core.errors import RefusedError
from core.findings import nearest_help
from core.ids import text_digest
from core.roles import Role
from delivery.signing import Signer
from engine.authority import authorised
from engine.codes import RunCode
from engine.deployment import Deployment
from profiles.identity import Seals
from store.opening import Reading
from store.portals import Portal, Secret, end_portal, open_portal, portal_of, read_portals
from store.states.entry import PortalScope

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_SALT_BYTES: Final = 16
A_MINUTE: Final = 600
"""Calls a minute where nobody says more."""


def register_portal(  # all by name; a portal has this many parts
    deployment: Deployment,
    name: str,
    *,
    may: Collection[PortalScope],
    kinds: Collection[str],
    a_minute: int = A_MINUTE,
    by: str,
) -> str:
    """Open a portal and return its secret; one that is open gets another secret, and what it may is said anew.

    Fails: RefusedError where the name is none or taken for good, where a kind of subjects is unknown, or where who
           does it may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    if not _NAME.fullmatch(name):
        message = "a portal's name has at most 40 small letters, digits, dots and hyphens"
        raise RefusedError.one(RunCode.BAD_PORTAL, "portal", message, "its calls carry the name in a header")
    for kind in kinds:
        if kind not in deployment.catalogue.kinds:
            help_line = nearest_help(kind, deployment.catalogue.kinds, "kind")
            raise RefusedError.one(RunCode.BAD_PORTAL, "--for", f"no kind of subject is called `{kind}`", help_line)
    salt = secrets.token_hex(_SALT_BYTES)
    secret = _secret(deployment.seals, name, salt)
    with deployment.store.writing() as tx:
        kept = Secret(salt, text_digest(secret))
        open_portal(tx, name, kept, may=may, kinds=kinds, a_minute=a_minute, by=by)
    return secret


def shut_portal(deployment: Deployment, name: str, *, by: str) -> None:
    """End a portal: its next call is refused.

    Fails: RefusedError where no portal of this name is open, or where who does it may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        end_portal(tx, name, by=by)


def portals(deployment: Deployment) -> list[Portal]:
    """Return every portal, by name."""
    with deployment.store.reading() as rx:
        return read_portals(rx)


def signer_of(rx: Reading, seals: Seals, name: str) -> tuple[Portal, Signer] | None:
    """Return an open portal and what signs its calls; None where there is none, or where its secret is another key's."""
    portal = portal_of(rx, name)
    if portal is None or portal.ended_at is not None:
        return None
    secret = _secret(seals, name, portal.secret.salt)
    if text_digest(secret) != portal.secret.digest:  # the workspace's index key is another by now
        return None
    return portal, Signer(name, secret)


def _secret(seals: Seals, name: str, salt: str) -> str:
    """Return a portal's secret: 128 bits, in hexadecimal."""
    return seals.blind_index("portal secret", f"{salt}|{name}").hex()
