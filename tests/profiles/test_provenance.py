"""Of how many subjects departments know different values."""

import datetime as dt
import itertools
from pathlib import Path

import pytest

from profiles.catalogue import Column, Source
from profiles.provenance import disagreements
from tests.profiles.small_world import LATER, LEVEL, MARK, SmallWorld, attribute, resource

DAY = dt.date(2025, 7, 1)
SOURCES = ("civil", "health", "police")


@pytest.mark.parametrize(
    ("column", "type_", "values"), [(LEVEL, "integer", (1, 2, None)), (MARK, "text", ("甲", "乙", None))]
)
def test_a_disagreement_needs_two_that_know(
    tmp_path: Path, column: Column, type_: str, values: tuple[object, ...]
) -> None:
    """Each way in which three departments can know something: who knows nothing agrees with everyone."""
    name = column.name
    drawn = tuple(Source(resource=each, column=name) for each in SOURCES)
    alone = attribute("alone", type_, sources=drawn[:1])
    world = SmallWorld(
        tmp_path, [resource(each, "snapshot") for each in SOURCES], [attribute("it", type_, sources=drawn), alone]
    )
    ways = list(itertools.product(values, repeat=3))
    for place, source in enumerate(SOURCES):
        world.load(source, DAY, [{"subject_id": f"s{number:02}", name: way[place]} for number, way in enumerate(ways)])

    found = disagreements(world.catalogue, world.loads, kind="person", day=DAY, known_at=LATER)

    assert found == {"it": sum(len(set(way) - {None}) > 1 for way in ways)}
    assert disagreements(world.catalogue, world.loads, kind="enterprise", day=DAY, known_at=LATER) == {}
