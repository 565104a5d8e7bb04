"""A tiny world with a published rule, and changes of it as an officer would write them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.planning.change import Change, ProposedDays, read_change
from engine.planning.effect import Plan, PolicyEffect
from engine.planning.moves import Move
from engine.planning.plan import PlanOptions, make_plan
from tests.world import World, day

CARD: Mapping[str, object] = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@contextmanager
def a_world(root: Path, *, cards: str = "ab", levels: Mapping[str, object] | None = None) -> Iterator[World]:
    """Give a world of four residents, holders of a card among them, before anything is published.

    `levels` are the levels of cards by letter; None is an empty cell.
    """
    world = World.at(root)
    try:
        world.people("abcd")
        rows = [{"who": who, **CARD, "等级": (levels or {}).get(who, "1")} for who in cards]
        world.deliver("cards", rows, on="2025-01-02")
        yield world
    finally:
        world.store.close()


def text_of(world: World, *changes: tuple[str, str], version: int = 2) -> str:
    """Return the text of the rule published last with some words changed, as another version."""
    text = world.published_text().replace("version: 1", f"version: {version}")
    for before, after in changes:
        assert before in text, f"{before} does not stand in the rule"
        text = text.replace(before, after)
    return text


def change_of(
    world: World,
    *texts: str,
    retired: Sequence[str] = (),
    stands_from: str | None = None,
    through: str | None = None,
) -> Change:
    """Return a change read from files with these texts."""
    paths = [world.root / f"proposed-{number}.yaml" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    days = ProposedDays(day(stands_from) if stands_from else None, day(through) if through else None)
    return read_change(world.deployment.catalogue, paths, retired=retired, days=days)


def planned(world: World, change: Change, *, on: str = "2025-03-10", months: int = 3) -> Plan:
    """Return the plan of a change."""
    options = PlanOptions(day(on), months, "officer")
    return make_plan(world.deployment, change, options, lambda _: None)


def people(effect: PolicyEffect) -> dict[Move, int]:
    """Return how many make each move, but for those whom it does not concern."""
    found = {move: count.people for move, count in effect.counts.items() if count.people}
    return {move: count for move, count in found.items() if move is not Move.NEITHER}
