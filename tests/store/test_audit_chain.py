import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.audit_chain import (
    FAULTS_MAX,
    NOTHING,
    Anchor,
    Digest,
    Entry,
    Link,
    Said,
    digest_of,
    payload_of,
    verify_chain,
)
from store.codes import AuditCode, StoreInvariantError

AT = dt.datetime(2026, 3, 1, 18, 0, tzinfo=dt.UTC)


def chain(count: int, digest: Digest = Digest.SHA256) -> list[Entry]:
    """Return a chain of so many entries."""
    link, entries = Link(), []
    for number in range(count):
        said = Said("proposal.approved", "officer", f"p_{number}", {"count": number})
        entries.append(link.next(said, AT + dt.timedelta(seconds=number), digest))
        link = entries[-1].link
    return entries


def codes(entries: Sequence[Entry], *anchors: Anchor) -> set[AuditCode]:
    """Return what checking finds."""
    return {AuditCode(each.code) for each in verify_chain(entries, anchors).findings}


@pytest.mark.parametrize("digest", list(Digest))
def test_a_chain_that_nobody_touched_is_whole(digest: Digest) -> None:
    """Under either digest; the head is the last entry."""
    entries = chain(5, digest)

    verdict = verify_chain(entries, [Anchor(entries[2].hash, 3)])

    assert (verdict.fault_count, verdict.entry_count, verdict.head) == (0, 5, entries[-1].link)


def test_a_chain_may_go_on_by_another_digest() -> None:
    """A workspace that changes its suite keeps its chain."""
    entries = chain(2)
    entries.append(entries[-1].link.next(Said("vault.rotated", "operator", "k2", {}), AT, Digest.SM3))

    assert codes(entries) == set()


def test_the_hash_is_what_the_recipe_says() -> None:
    """Previous, sequence and payload, joined by bars, in UTF-8: nobody needs us to check it."""
    first, second = chain(2)

    assert first.previous == NOTHING
    assert second.hash == hashlib.sha256(f"{first.hash}|2|{second.payload}".encode()).hexdigest()


def test_the_national_digest_is_the_one_of_its_standard() -> None:
    """GB/T 32905-2016, A.1: the digest of `abc`."""
    assert digest_of("sm3")(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


CHANGES = st.sampled_from(
    [
        {"done_by": "somebody"},
        {"about": "p_x"},
        {"event": "proposal.returned"},
        {"happened_at": AT - dt.timedelta(days=1)},
        {"payload": '{"about":"p_0"}'},
        {"payload": "no json"},
        {"previous": "f" * 64},
        {"hash": "f" * 64},
        {"digest": "sm3"},
        {"digest": "md5"},
    ]
)


@given(place=st.integers(0, 5), change=CHANGES)
def test_any_change_of_any_entry_is_found(place: int, change: dict[str, object]) -> None:
    """S2: whichever column it is, and whether or not it is the last entry."""
    entries = chain(6)
    entries[place] = replace(entries[place], **change)  # type: ignore[arg-type]  # columns by name

    assert codes(entries) != set()


@given(place=st.integers(0, 5), data=st.data())
def test_any_entry_taken_out_put_in_or_exchanged_is_found(place: int, data: st.DataObject) -> None:
    """S2: with the head anchored, there is no way to take one out, put one in or exchange two."""
    entries = chain(6)
    anchor = Anchor(entries[-1].hash, 6)
    without = entries[:place] + entries[place + 1 :]
    link = entries[place - 1].link if place else Link()
    forged = link.next(Said("proposal.approved", "forger", "p_0", {}), AT, Digest.SHA256)
    with_forged = [*entries[:place], forged, *entries[place:]]
    other = data.draw(st.integers(0, 5).filter(lambda other: other != place))
    exchanged = list(entries)
    exchanged[place], exchanged[other] = exchanged[other], exchanged[place]

    assert codes(without, anchor) != set()
    assert codes(with_forged, anchor) != set()
    assert codes(exchanged, anchor) != set()


@given(kept=st.integers(0, 5))
def test_only_an_anchor_finds_what_was_cut_off(kept: int) -> None:
    """A shorter chain is a whole one; the anchor says that it was longer."""
    entries = chain(6)

    assert codes(entries[:kept]) == set()
    assert codes(entries[:kept], Anchor(entries[-1].hash, 6)) == {AuditCode.UNANCHORED}
    assert codes(entries[:kept], Anchor(entries[-1].hash)) == {AuditCode.UNANCHORED}


def test_only_an_anchor_finds_a_chain_written_anew() -> None:
    """Whoever can write the table can write all of it anew, and every hash fits."""
    entries = chain(3)
    forged = [Link().next(Said("proposal.approved", "forger", "p_0", {}), AT, Digest.SHA256)]
    for each in entries[1:]:
        forged.append(forged[-1].link.next(Said(each.event, each.done_by, each.about, each.said), AT, Digest.SHA256))

    assert codes(forged) == set()
    assert codes(forged, Anchor(entries[1].hash, 2)) == {AuditCode.UNANCHORED}


def test_an_anchor_from_before_the_first_entry_holds_for_every_chain() -> None:
    """It says that there was nothing yet."""
    assert codes(chain(2), Anchor(NOTHING, 0)) == set()


def test_a_chain_with_many_faults_is_told_in_a_few_findings() -> None:
    """All are counted."""
    entries = [replace(each, about="x") for each in chain(FAULTS_MAX + 5)]

    verdict = verify_chain(entries)

    assert (len(verdict.findings), verdict.fault_count) == (FAULTS_MAX, FAULTS_MAX + 5)


@pytest.mark.parametrize(
    "said",
    [
        Said("Approved", "officer", "p_1", {}),
        Said("proposal", "officer", "p_1", {}),
        Said("proposal.approved", "officer", "p_1", {"share": 0.1}),  # type: ignore[dict-item]  # refused for it
        Said("proposal.approved", "officer", "p_1", {"when": [dt.date(2026, 1, 1)]}),  # type: ignore[list-item]  # as above
        Said("proposal.approved", "officer", "p_1", {"text": "x" * 20_000}),
    ],
)
def test_what_two_machines_may_write_differently_is_not_recorded(said: Said) -> None:
    """Fractions, days and long texts have no one writing; that is a mistake of ours."""
    with pytest.raises(StoreInvariantError):
        payload_of(said, AT)


def test_a_payload_has_one_writing() -> None:
    """Keys sorted, no blanks, characters as they are, the instant in UTC: whatever order it was said in."""
    zone = dt.timezone(dt.timedelta(hours=8))
    one = payload_of(Said("round.opened", "王", "r", {"b": 1, "a": None}), AT)
    other = payload_of(Said("round.opened", "王", "r", {"a": None, "b": 1}), AT.astimezone(zone))

    assert one == other
    assert one == json.dumps(json.loads(one), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert '"at":"2026-03-01T18:00:00.000000Z","by":"王"' in one
