"""Provokes the faults of rounds: files that are wrong, and steps that may not be taken."""

from pathlib import Path
from typing import Any

from core.errors import MianshenError
from engine.rounds.rounds import decide_round, list_rounds, open_round
from tests.stories.test_rounds import MORE, POT, spent
from tests.world import World


def rounds(folder: Path, case: dict[str, Any]) -> str:
    """Take the `steps`, words and names, with the round `pot.yaml` of the case or the usual one."""
    world = World.at(folder / "w", MORE)
    try:
        (world.root / "rounds").mkdir()
        own = folder / "pot.yaml"
        text = own.read_text("utf-8") if own.exists() else POT
        (world.root / "rounds" / "pot.yaml").write_text(text, "utf-8")
        world.people("ab", on="2025-03-01")
        world.deliver("research", [spent("a", 3000)], on="2025-03-10")
        for step in case["steps"]:
            _take(world, *step.split(" "))
    except MianshenError as error:
        return str(error)
    else:
        return "\n".join(map(str, list_rounds(world.deployment)[1]))
    finally:
        world.store.close()


def _take(world: World, word: str, code: str = "pot", by: str = "") -> None:
    match word:
        case "open":
            open_round(world.deployment, code, by=by)
        case "decide":
            decide_round(world.deployment, code, by=by)
        case "damage":
            path = world.root / "rounds" / code / "result.parquet"
            path.write_bytes(path.read_bytes() + b" ")
        case _:
            world.deliver("research", [spent("a", 3000), spent("b", 500)], on="2025-03-13")


PROBES = {"rounds": rounds}
