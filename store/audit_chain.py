"""The audit chain as text: what is said about an event, how one entry is bound to the one before, and what breaks that.

Pure: no database. Whoever has the entries, from ours or from an export, can check them with this or by the recipe in
`docs/audit.md`:

    hash = digest(previous | sequence | payload)        texts in UTF-8, joined by a bar

`payload` is kept as the very text that was hashed, so that nobody has to write JSON as we do to check it.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.hashes import SM3, Hash

from core.errors import MianshenError
from core.findings import Finding, Place
from store.codes import AuditCode, StoreInvariantError

JSON: TypeAlias = "str | int | bool | Sequence[JSON] | Mapping[str, JSON] | None"
"""What an entry may say; no binary fraction, which two machines may write differently."""

NOTHING = "0" * 64  # what stands before the first entry
PAYLOAD_MAX = 16_384  # characters; an entry names things and counts, it does not carry them
FAULTS_MAX = 20  # that are told one by one; a chain with more was rewritten, and nobody reads the rest
_EVENT = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+")


class Digest(StrEnum):
    """By which an entry is bound; it stands in each, so that a chain outlives a change of suite."""

    SHA256 = "sha256"
    SM3 = "sm3"

    @classmethod
    def of_suite(cls, suite: str) -> "Digest":
        """Return the digest that belongs to a crypto suite of `profiles.suites`."""
        return cls.SM3 if suite.startswith("sm4") else cls.SHA256


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be recorded about an event: who did what about which thing, and what is worth knowing of it.

    INVARIANT: nothing in it is personal. Things are named by opaque ids, free text by its digest.
    """

    event: str  # what happened, from the general to the particular: `proposal.approved`
    by: str
    about: str
    said: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Link:
    """The place in the chain after which the next entry stands."""

    sequence: int = 0
    hash: str = NOTHING

    def next(self, said: Said, at: dt.datetime, digest: Digest) -> "Entry":
        """Return the entry that comes next.

        Fails: StoreInvariantError where what is said is not what an entry may say.
        """
        payload = payload_of(said, at)
        sequence = self.sequence + 1
        value = digest_of(digest)(_bound(self.hash, sequence, payload))
        return Entry(sequence, at, str(said.by), said.event, said.about, payload, digest, self.hash, value)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is kept; what stands beside the payload is also in it, and serves to find entries."""

    sequence: int
    happened_at: dt.datetime
    done_by: str
    event: str
    about: str
    payload: str
    digest: str
    previous: str
    hash: str

    @property
    def link(self) -> Link:
        """Return the place after this entry."""
        return Link(self.sequence, self.hash)

    @property
    def said(self) -> Mapping[str, JSON]:
        """Return what is said of the event, as far as the payload can be read."""
        try:
            said = json.loads(self.payload)["said"]
        except (ValueError, KeyError, TypeError):
            return {}
        return said if isinstance(said, Mapping) else {}

    def as_line(self) -> str:
        """Return the entry as one line of an export."""
        kept = {
            "sequence": self.sequence,
            "digest": self.digest,
            "previous": self.previous,
            "payload": self.payload,
            "hash": self.hash,
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the chain that somebody keeps outside; without `sequence`, only its hash is known."""

    hash: str
    sequence: int | None = None
    place: Place = field(default_factory=lambda: Place("anchor"))


@dataclass(slots=True)
class Verdict:
    """What checking a chain came to: how far it goes, and what is wrong with it."""

    head: Link = field(default_factory=Link)
    entry_count: int = 0
    fault_count: int = 0
    findings: list[Finding] = field(default_factory=list)  # of the faults, the first `FAULTS_MAX`

    def add(self, code: AuditCode, place: Place, message: str, remedy: str) -> None:
        """Count a fault, and keep it where there are not too many already."""
        self.fault_count += 1
        if len(self.findings) < FAULTS_MAX:
            self.findings.append(Finding(code, place, message, remedy))


def refusals(said: Sequence[Said], refusal: MianshenError) -> list[Said]:
    """Return what is recorded where something was refused: who wanted what, and why it may not be."""
    codes = sorted({finding.code.value for finding in refusal.findings})
    return [
        Said("access.refused", each.by, each.about, {"codes": codes, "wanted": each.event, "said": each.said})
        for each in said
    ]


def payload_of(said: Said, at: dt.datetime) -> str:
    """Return the one text for an event: JSON with sorted keys and no blanks, the instant in UTC.

    Fails: StoreInvariantError where it holds what JSON or two machines may write differently, or too much.
    """
    if not _EVENT.fullmatch(said.event):
        raise StoreInvariantError(f"the audit knows no event written like `{said.event}`")
    _refuse_unwritable(said.said, said.event)
    whole = {"about": said.about, "at": instant_text(at), "by": said.by, "event": said.event, "said": said.said}
    payload = _canonical(whole)
    if len(payload) > PAYLOAD_MAX:
        raise StoreInvariantError(f"an audit entry `{said.event}` would have {len(payload)} characters")
    return payload


# INVARIANT: `said` is the last key in order, so that what stands in columns can be compared without reading the rest.
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _refuse_unwritable(value: object, event: str) -> None:
    match value:
        case None | str() | int():
            return
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise StoreInvariantError(f"an audit entry `{event}` has a key that is no text")
            for each in value.values():
                _refuse_unwritable(each, event)
        case list() | tuple():
            for each in value:
                _refuse_unwritable(each, event)
        case _:
            raise StoreInvariantError(f"an audit entry `{event}` holds a {type(value).__name__}")


def instant_text(at: dt.datetime) -> str:
    """Return an instant as payloads have it: UTC, to the microsecond, always of one length."""
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def digest_of(digest: str) -> Callable[[bytes], str]:
    """Return the function that gives the digest of bytes in hexadecimal.

    Fails: KeyError where there is no such digest.
    """
    return _DIGESTS[digest]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sm3(content: bytes) -> str:
    made = Hash(SM3())
    made.update(content)
    return made.finalize().hex()


_DIGESTS: dict[str, Callable[[bytes], str]] = {Digest.SHA256: _sha256, Digest.SM3: _sm3}


def _bound(previous: str, sequence: int, payload: str) -> bytes:
    return f"{previous}|{sequence}|{payload}".encode()


def verify_chain(entries: Iterable[Entry], anchors: Sequence[Anchor] = ()) -> Verdict:
    """Return what is wrong with a chain: entries changed, missing, put in between, exchanged or cut off.

    Memory does not grow with the chain. What was cut off the end, or rewritten to the end, only an anchor tells.
    Expects: entries by sequence, from the first.
    """
    verdict, before = Verdict(), Link()
    wanted = {each.hash for each in anchors}
    found = {NOTHING: 0}  # an anchor from before there was any entry: every chain goes on from there
    for entry in entries:
        _check_entry(verdict, entry, before)
        verdict.entry_count += 1
        if entry.hash in wanted:
            found[entry.hash] = entry.sequence
        before = entry.link
    verdict.head = before
    for anchor in anchors:
        sequence = found.get(anchor.hash)
        if sequence is None or anchor.sequence not in {None, sequence}:
            _say_unanchored(verdict, anchor)
    return verdict


def _check_entry(verdict: Verdict, entry: Entry, before: Link) -> None:
    """Check one entry by itself and against the one before; go on by what it says of itself, so that each is told."""
    place = Place(f"entry {entry.sequence}")
    missing = entry.sequence - before.sequence - 1
    if missing:
        stands = f"it stands after entry {before.sequence}"
        message = f"entries are missing before it: {missing}" if missing > 0 else stands
        verdict.add(AuditCode.GAP, place, message, _RESTORE)
    elif entry.previous != before.hash:
        verdict.add(AuditCode.UNLINKED, place, "it does not follow from the entry before it", _RESTORE)
    if not _is_whole(entry):
        verdict.add(AuditCode.CHANGED, place, "its content is not what was recorded", _RESTORE)


_RESTORE = "keep this database as evidence; compare it with a backup and with the anchors that are kept outside"


def _is_whole(entry: Entry) -> bool:
    """Say whether an entry's hash follows from its content, and its columns from its payload."""
    digest = _DIGESTS.get(entry.digest)
    if digest is None or digest(_bound(entry.previous, entry.sequence, entry.payload)) != entry.hash:
        return False
    head = {"about": entry.about, "at": instant_text(entry.happened_at), "by": entry.done_by, "event": entry.event}
    return entry.payload.startswith(f'{_canonical(head)[:-1]},"said":')


def _say_unanchored(verdict: Verdict, anchor: Anchor) -> None:
    if anchor.sequence is not None and anchor.sequence > verdict.head.sequence:
        message = f"the chain ends with entry {verdict.head.sequence}, and entry {anchor.sequence} was anchored"
    elif anchor.sequence is not None:
        message = f"entry {anchor.sequence} is another one than was anchored"
    else:
        message = "no entry has the hash that was anchored"
    verdict.add(AuditCode.UNANCHORED, anchor.place, message, _RESTORE)
