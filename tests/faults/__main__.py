"""`make faults N=1000`: kills processes at random instants of a month, and lets others race, on both databases.

It looks for what that breaks, and says how to repeat it.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console

from tests.faults.killing import Ground, kill_often
from tests.faults.month import DEEDS, Place
from tests.faults.races import race
from tests.store.postgresql import execute, running

_SHOWN = 1_500  # characters of one breach, its end; the try can be repeated
DATABASES = ("sqlite", "postgresql")
DEEDS_OF_ONE = 40  # that each of the racing processes does


def main() -> None:
    """Kill, race, look, and say what was found."""
    parser = argparse.ArgumentParser(prog="make faults", description="kill processes at random, and look what is left")
    parser.add_argument("--kills", type=int, default=200, help="how many, shared by the databases")
    parser.add_argument("--races", type=int, default=None, help="how many on each database; else one for 20 kills")
    parser.add_argument("--on", choices=DATABASES, action="append", help="only on this database")
    parser.add_argument("--seed", type=int, default=None, help="repeat what was done under this seed")
    parser.add_argument("--first", type=int, default=0, help="begin with this try, to repeat one")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    out = Console(highlight=False, soft_wrap=True)
    databases = given.on or DATABASES
    races = given.kills // 20 if given.races is None else given.races
    out.print(f"seed {seed}: {given.kills} kills at random instants of {', '.join(DEEDS)}")
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    breaches = kills = 0
    try:
        for name in databases:
            with nullcontext() if name == "sqlite" else running() as url:
                ground = Ground(folder / name, url)
                ground.folder.mkdir()
                wanted = given.kills // len(databases)
                breaches += _hunt(out, name, ground, wanted, seed, given.first)
                breaches += _race(out, name, ground, races, seed, given.first)
                kills += wanted
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    together = f"{kills} kills and {races * len(databases)} races on {' and '.join(databases)}"
    out.print(f"seed {seed}: {together}; {breaches} breaches")
    sys.exit(bool(breaches))


def _hunt(out: Console, name: str, ground: Ground, kills: int, seed: int, first: int) -> int:
    """Kill so often on one database, print what that came to, and return how many breaches it was."""
    if not kills:
        return 0
    began = time.monotonic()
    *_, tally = kill_often(ground, kills, seed, first=first)
    by_deed = ", ".join(f"{deed} {tally.kills[deed]}" for deed in DEEDS)
    seconds = time.monotonic() - began
    out.print(
        f"{name}: {tally.kills.total()} kills in {seconds:.0f} s ({by_deed}); {tally.survived} ended before their kill"
    )
    for number, breach in tally.breaches:
        out.print(f"  try {number}, {breach[-_SHOWN:]}", markup=False)
        out.print(f'  repeat it: make faults N=1 ARGS="--on {name} --races 0 --seed {seed} --first {number}"')
    return len(tally.breaches)


def _race(out: Console, name: str, ground: Ground, races: int, seed: int, first: int) -> int:
    """Let processes race so often, print what that came to, and return how many breaches it was."""
    done: Counter[str] = Counter()
    found = []
    for number in range(first, first + races):
        place = _empty(ground, f"race{number}")
        counted, breaches = race(place, seed=f"{seed}:{number}", processes=2 + number % 3, deeds=DEEDS_OF_ONE)
        done += counted
        found += [(number, breach) for breach in breaches]
        ground.remove(place.root.name)
    if races:
        deeds = ", ".join(f"{deed} {count}" for deed, count in sorted(done.items()))
        out.print(f"{name}: {races} races of two to four processes ({deeds})")
    for number, breach in found:
        out.print(f"  race {number}: {breach[-_SHOWN:]}", markup=False)
        out.print(f'  repeat it: make faults N=0 ARGS="--on {name} --races 1 --seed {seed} --first {number}"')
    return len(found)


def _empty(ground: Ground, name: str) -> Place:
    """Return a folder, and a database in which nothing is."""
    place = ground.place(name)
    place.root.mkdir(parents=True)
    if ground.server:
        execute(ground.server, f"create database {name} template newest")
    return place


if __name__ == "__main__":
    main()
