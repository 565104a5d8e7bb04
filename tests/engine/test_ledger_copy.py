"""A night reads the ledger by the copy that one before it kept; the copy only ever spares time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from engine import ledger_copy
from engine.ledger_copy import LedgerCopy, LedgerRead, keep_copy, read_ledger
from engine.night import JOB
from store.grants import read_grants
from store.past import ledger_mark
from store.positions import read_positions
from store.runs import latest_published
from tests.world import World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()


def _noted(world: World) -> LedgerCopy:
    with world.store.reading() as rx:
        latest = latest_published(rx, JOB)
    assert latest is not None
    noted = LedgerCopy.of(latest.manifest)
    assert noted is not None
    return noted


def _files(world: World) -> list[Path]:
    return sorted(world.deployment.workspace.ledger_copies.glob("*.parquet"))


def _read(world: World, noted: LedgerCopy | None) -> LedgerRead:
    with world.store.reading() as rx:
        return read_ledger(rx, world.deployment.workspace.ledger_copies, noted)


def test_a_night_goes_on_from_the_copy_before_it(world: World) -> None:
    """What it kept shows the ledger before it wrote; the next one reads what was written since beside it."""
    world.night("2025-01-31")

    read = _read(world, _noted(world))

    with world.store.reading() as rx:
        assert read.positions_where(None).equals(read_positions(rx))
        assert read.grants.equals(read_grants(rx))
        assert read.mark == ledger_mark(rx)
    assert read.positions_where(None).height == 2
    assert read.copy is None  # all of it is new: the next night keeps a copy of its own


def test_an_unchanged_ledger_is_not_copied_again(world: World) -> None:
    """A night without news leaves the files and names them once more."""
    for date in ("2025-01-28", "2025-01-29"):
        world.night(date)
    noted, files = _noted(world), _files(world)

    world.night("2025-01-30")

    assert (_noted(world), _files(world)) == (noted, files)
    assert len(files) == 2


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
    ],
    ids=["gone", "empty", "altered"],
)
@pytest.mark.parametrize("which", [0, 1], ids=["grants", "positions"])
def test_a_copy_that_is_another_is_not_believed(world: World, harm: Callable[[Path], object], which: int) -> None:
    """Everything is read from the store, and the night after it has a copy again."""
    world.night("2025-01-30")
    whole = _read(world, None)
    harm(_files(world)[which])

    read = _read(world, _noted(world))
    world.night("2025-01-31")

    assert read.positions_where(None).equals(whole.positions_where(None))
    assert read.grants.equals(whole.grants)
    assert len(_files(world)) == 2


def test_a_copy_of_a_later_ledger_is_not_believed(world: World) -> None:
    """A store set back to an earlier night names that night's copy, which is no longer there."""
    world.night("2025-01-29")
    earlier = _noted(world)
    world.night("2025-01-31")

    read = _read(world, earlier)

    assert _noted(world) != earlier
    assert read.positions_where(None).equals(_read(world, None).positions_where(None))


def test_a_past_night_is_read_from_the_store(world: World) -> None:
    """A copy shows one moment, and a replay asks for another."""
    with world.store.reading() as rx:
        before = ledger_mark(rx)
    world.night("2025-01-31")

    with world.store.reading(mark=before) as rx:
        read = read_ledger(rx, world.deployment.workspace.ledger_copies, _noted(world))

    assert read.grants.is_empty()


def test_a_full_disk_keeps_no_copy(world: World, tmp_path: Path) -> None:
    """The night is worth more than what would make the next one quicker."""
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder should be")

    assert keep_copy(_read(world, None), taken) is None


def test_a_copy_in_parts_is_one_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts follow each other by id, part themselves where they grow, and stay where nothing of theirs changed."""
    monkeypatch.setattr(ledger_copy, "PART_ROWS", 2)
    for month in range(1, 7):
        world.night(f"2025-{month:02d}-20", pays=month % 2 == 0)  # both ways of reading agree, says `World.night`
    noted = _noted(world)
    parts = noted.files(world.deployment.workspace.ledger_copies, "positions")
    before = {path.name for path in parts}
    ids = [pl.read_parquet(path)["obligation_id"].to_list() for path in parts]

    world.deliver("cards", [{"who": "a", **CARD}, {"who": "b", **CARD, "止": "2025-02-10"}], on="2025-06-25")
    world.night("2025-06-26")
    after = {path.name for path in _noted(world).files(world.deployment.workspace.ledger_copies, "positions")}

    flat = [each for own in ids for each in own]
    assert len(parts) > 2
    assert max(len(own) for own in ids) < 4
    assert flat == sorted(flat)
    assert before & after
    assert _read(world, _noted(world)).positions_where(None).equals(_read(world, None).positions_where(None))
