"""`mianshen replay`: verdict, streams and exit codes, for whole nights and for one subject."""

import json
from dataclasses import fields
from pathlib import Path

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from engine.replaying.replay import Replay
from tests.commands.terminal import files, mianshen
from tests.trial_world import TrialWorld
from tests.world import World

NIGHT = "2025-01-31"


def test_every_night_of_the_district_comes_to_the_same(district: TrialWorld) -> None:
    """Enterprises through three nights, with raises, upgrades and payments between: equal, and nothing is written."""
    before = files(district.root)

    said = [mianshen("replay", night.business_date, "-w", district.root) for night in district.plan.nights]

    assert [each.code for each in said] == [EXIT_DONE] * 3
    assert all("一致 equal" in each.out.splitlines()[0] and each.err == "" for each in said)
    assert files(district.root) == before


def test_one_enterprise_then_and_now(district: TrialWorld) -> None:
    """Found by its number, which is not shown again; each policy with what was published, and the reasons."""
    number = district.plan.trial_accounts[0].number
    said = mianshen("replay", "2025-09-30", "--subject", number, "-w", district.root)

    assert said.code == EXIT_DONE
    assert "当时与现在" in said.out
    assert "── 当时" in said.out
    assert number not in said.out


def test_differences_are_listed_and_have_their_exit_code(world: World) -> None:
    """An amount changed by hand in the database: 1, with policy, subject, before and after."""
    world.night(NIGHT)
    with world.store.writing() as tx:
        tx.connection.exec_driver_sql("update item set amount_fen = 99900")

    said = mianshen("replay", NIGHT, "-w", world.root)

    assert said.code == EXIT_FINDINGS
    line = next(line for line in said.out.splitlines() if world.subject("a") in line)
    assert "amount_fen" in line
    assert line.split()[-2:] == ["999.00", "150.00"]


def test_what_is_gone_is_said_and_has_its_exit_code(world: World) -> None:
    """A load whose file is no longer there: 3, and which load of which resource; as JSON too."""
    world.night(NIGHT)
    _forget(world.root / "snapshots" / "cards")

    said, tree = (mianshen("replay", NIGHT, *more, "-w", world.root) for more in ([], ["--json"]))

    assert (said.code, tree.code) == (EXIT_REFUSED, EXIT_REFUSED)
    assert said.out.startswith(f"{NIGHT} 无法重算")
    assert said.err.startswith("cards: error[E442]: the load `l_")
    assert json.loads(tree.out)["verdict"] == "refused"


def _forget(folder: Path) -> None:
    for path in folder.rglob("*.parquet"):
        path.unlink()


def test_the_json_has_every_field(world: World) -> None:
    """Complete, parsable and alone on its stream."""
    world.night(NIGHT)
    whole = mianshen("replay", NIGHT, "--json", "-w", world.root)
    one = mianshen("replay", NIGHT, "--json", "--subject", world.subject("a"), "-w", world.root)

    assert set(json.loads(whole.out)) == {"format_version", "verdict", *(each.name for each in fields(Replay))}
    (decision,) = json.loads(one.out)["decisions"]
    assert decision["published"] == {"outcome": "met", "amount_fen": 15000}


def test_a_night_that_nobody_published(world: World) -> None:
    """Refused as a fault of the word, with what there is."""
    said = mianshen("replay", NIGHT, "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert said.err.splitlines() == [
        f"run: error[E441]: the night `{NIGHT}` is not known",
        "  help: no night has been published yet",
    ]
