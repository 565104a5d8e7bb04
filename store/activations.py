"""Published rule versions and the activations that say on which days they stand; neither is ever edited.

What is written here was approved: only `store.proposals` calls the functions that write.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from rules.standing import Activation
from store.activation_steps import ACTIVATION_FIELDS, ActivationRecord, read_activations
from store.audit import record
from store.audit_chain import JSON
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.states.rules import ActivationState
from store.tables import ActivationRow, RuleText, table_of

_TEXT = table_of(RuleText)
_ACTIVATION = table_of(ActivationRow)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A rule version as published; `valid_from` and `valid_through` as its author wrote them."""

    policy: str
    version: int
    text: str
    fingerprint: str
    valid_from: dt.date
    valid_through: dt.date | None
    published_at: dt.datetime
    published_by: str


_FIELDS = tuple(field.name for field in fields(PublishedVersion))


def publish_version(
    tx: Writing,
    text: str,
    *,
    policy: str,
    version: int,
    fingerprint: str,
    days: tuple[dt.date, dt.date | None],
    by: str,
) -> bool:
    """Keep the text of a version for ever; return false where the same text is kept already.

    Fails: RefusedError where the version was published with another text.
    """
    before = [each for each in published_versions(tx, policy) if each.version == version]
    if before and before[0].fingerprint != fingerprint:
        raise refused(
            StoreCode.ACTIVATION_CLASH,
            policy,
            f"version {version} is published already, with another text",
            f"publish the change as version {_next_version(tx, policy)}; a published version is never edited",
        )
    if before:
        return False
    record(tx, "version.published", by=by, about=policy, said={"version": version, "fingerprint": fingerprint})
    row = PublishedVersion(policy, version, text, fingerprint, *days, tx.now, by)
    tx.connection.execute(sa.insert(_TEXT), {name: getattr(row, name) for name in _FIELDS})
    return True


def activate(tx: Writing, activation_id: str, made: Activation, *, by: str) -> None:
    """Let a version stand on days, known from now on; version None repeals the policy on them.

    Expects: `made` is activated now.
    Fails:   RefusedError where the version was never published, or where the same days were activated at this very
             instant.
    """
    assert made.activated_at == tx.now
    said: dict[str, JSON] = {"policy": made.policy, "version": made.version, "clears": made.clears}
    said |= {"valid_from": str(made.valid_from), "valid_through": str(made.valid_through or "") or None}
    record(tx, "activation.made", by=by, about=activation_id, said=said)
    if made.version is not None and all(each.version != made.version for each in published_versions(tx, made.policy)):
        raise refused(
            StoreCode.UNKNOWN_NAME, made.policy, f"version {made.version} is not published", "publish it first"
        )
    same = (_ACTIVATION.c.policy == made.policy, _ACTIVATION.c.valid_from == made.valid_from)
    taken = sa.select(_ACTIVATION.c.version).where(*same, _ACTIVATION.c.activated_at == tx.now)
    if tx.connection.execute(taken).first() is not None:
        message = f"an activation from {made.valid_from} was made at this instant"
        raise refused(StoreCode.ACTIVATION_CLASH, made.policy, message, "try again")
    row = {name: getattr(made, name) for name in ACTIVATION_FIELDS}
    tx.connection.execute(sa.insert(_ACTIVATION), row | {"activation_id": activation_id, "activated_by": by})


def activations_known_at(rx: Reading, instant: dt.datetime) -> tuple[Activation, ...]:
    """Return every activation that decides anything by an instant: by policy, then in the order they were made.

    One that stood in shadow first is known from the moment after it came into force; one that is suspended says from
    which day on.
    """
    return decisive(read_activations(rx, known_at=instant))


def decisive(records: Iterable[ActivationRecord]) -> tuple[Activation, ...]:
    """Return the activations that decide anything, as the records say they stand; as `activations_known_at`."""
    known = [_decisive(record) for record in records]
    ordered = sorted((each for each in known if each), key=lambda a: (a.policy, a.activated_at, a.valid_from))
    return tuple(ordered)


def _decisive(record: ActivationRecord) -> Activation | None:
    if not record.decides:
        return None
    since = record.entered_at(ActivationState.IN_FORCE) if record.shadow_nights else None
    return replace(
        record.activation,
        activated_at=since or record.activation.activated_at,
        suspended_from=record.suspension.suspended_from if record.suspension else None,
    )


def published_versions(rx: Reading, policy: str | None = None) -> tuple[PublishedVersion, ...]:
    """Return every published version, or those of one policy, in order."""
    chosen = sa.select(*(_TEXT.c[name] for name in _FIELDS)).order_by(_TEXT.c.policy, _TEXT.c.version)
    if policy is not None:
        chosen = chosen.where(_TEXT.c.policy == policy)
    return tuple(PublishedVersion(*row) for row in rx.connection.execute(chosen))


def _next_version(rx: Reading, policy: str) -> int:
    return max((each.version for each in published_versions(rx, policy)), default=0) + 1
