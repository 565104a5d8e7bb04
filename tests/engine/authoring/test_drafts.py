"""Drafts: begun from what there is, saved only where they can be read, and never over what is published."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import MianshenError, RefusedError, RuleError
from engine.authoring.drafts import NewPolicy, draft_file, look_at, new_policy, next_draft, save_draft
from engine.authoring.shelf import shelf_of
from engine.lifecycle.writers import writers_of
from rules.authoring_codes import AuthoringCode
from rules.codes import RuleCode
from store.states.rules import VersionState
from tests.world import POLICY, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace in which version 1 of a policy is published, and stands."""
    made = World.at(tmp_path / "w")
    made.rule(on="2025-01-03")
    made.on("2025-12-10")
    yield made
    made.store.close()


def refused(call: object, kind: type[MianshenError]) -> set[str]:
    with pytest.raises(kind) as caught:
        call()  # type: ignore[operator]  # a call without arguments
    return {each.code.value for each in caught.value.findings}


def test_the_next_version_begins_with_the_text_of_the_newest(world: World) -> None:
    """Only its number and its first day are another: the first of the next month, over the turn of a year too."""
    number = next_draft(world.deployment, POLICY, by="wang")

    begun = draft_file(world.deployment, POLICY, number)
    written = shelf_of(world.deployment).policies[POLICY].newest
    assert (number, begun.name) == (2, f"policies/{POLICY}/2.yaml")
    assert (written.version, written.valid_from) == (2, dt.date(2026, 1, 1))
    changed = [
        pair
        for pair in zip(world.published_text().split("\n"), begun.text.split("\n"), strict=True)
        if pair[0] != pair[1]
    ]
    assert {old.partition(":")[0] for old, _ in changed} <= {"version", "valid_from"}


def test_a_draft_is_on_the_shelf_beside_what_stands(world: World) -> None:
    """The shelf says what is published, what is a draft, and which version stands today."""
    next_draft(world.deployment, POLICY, by="wang")

    own = shelf_of(world.deployment).policies[POLICY]

    assert [(each.version, each.state) for each in own.versions] == [
        (1, VersionState.PUBLISHED),
        (2, VersionState.DRAFT),
    ]
    assert own.stand is not None
    assert own.stand.version == 1


def test_a_file_that_cannot_be_read_hides_no_other(world: World) -> None:
    """It is named with its faults, and may be opened to be mended."""
    next_draft(world.deployment, POLICY, by="wang")
    broken = world.root / "policies" / POLICY / "3.yaml"
    broken.write_bytes(b"policy: care\n\xff")

    shelf = shelf_of(world.deployment)

    assert [each.version for each in shelf.policies[POLICY].drafts] == [2]
    assert {each.place.path for each in shelf.unreadable} == {f"policies/{POLICY}/3.yaml"}
    mended = draft_file(world.deployment, POLICY, 3)
    assert look_at(world.deployment, mended, mended.text).version is None


def test_what_cannot_be_read_is_not_saved(world: World) -> None:
    """A draft with a faulty text would keep everybody's policies from being read."""
    number = next_draft(world.deployment, POLICY, by="wang")
    begun = draft_file(world.deployment, POLICY, number)

    for bad in ("", "policy: care\n", begun.text + "more: 1\n", begun.text.replace("有证", "有政")):
        refused(lambda bad=bad: save_draft(world.deployment, begun, bad, by="wang"), RuleError)

    assert begun.path.read_text("utf-8") == begun.text


def test_a_text_that_changed_meanwhile_is_not_overwritten(world: World) -> None:
    """Also where it changed after it was looked at."""
    begun = draft_file(world.deployment, POLICY, next_draft(world.deployment, POLICY, by="wang"))
    begun.path.write_text(begun.text + "# by hand\n", "utf-8")

    codes = refused(lambda: save_draft(world.deployment, begun, begun.text, by="wang"), RefusedError)

    assert codes == {AuthoringCode.FILE_CHANGED}
    assert begun.path.read_text("utf-8").endswith("# by hand\n")


def test_everybody_who_wrote_is_remembered(world: World) -> None:
    """Of this version alone, and not who was refused."""
    begun = draft_file(world.deployment, POLICY, next_draft(world.deployment, POLICY, by="wang"))
    save_draft(world.deployment, begun, begun.text + "# more\n", by="li")
    refused(lambda: save_draft(world.deployment, begun, begun.text, by="zhao"), RefusedError)

    with world.store.reading() as rx:
        assert writers_of(rx, POLICY, 2) == {"wang", "li"}
        assert writers_of(rx, POLICY, 1) == frozenset()


def test_a_new_policy_never_takes_the_place_of_another(world: World) -> None:
    """Its code is free, is a code, and names no folder elsewhere; its pattern is there."""

    def begin(policy: str, pattern: str = POLICY) -> set[str]:
        wish = NewPolicy(policy, "新的补贴", "310118-N", "民政局", pattern)
        return refused(lambda: new_policy(world.deployment, wish, by="wang"), MianshenError)

    assert begin(POLICY) == {AuthoringCode.FILE_EXISTS}
    assert begin("free", "nosuch") == {RuleCode.UNKNOWN_POLICY}
    for strange in ("../x", "", "A", "a/b", ".", "a--b"):
        assert begin(strange) == {AuthoringCode.BAD_NAME}, strange
    assert list((world.root / "policies").iterdir()) == []


def test_figures_that_nobody_verified_are_faults_of_a_draft(world: World) -> None:
    """They would keep it from being submitted, and its writer is told at once."""
    begun = draft_file(world.deployment, POLICY, next_draft(world.deployment, POLICY, by="wang"))
    assert look_at(world.deployment, begun, begun.text).fault_count == 0

    assert look_at(world.deployment, begun, begun.text.replace("certainty: S", "certainty: K")).fault_count == 1
