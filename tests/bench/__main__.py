"""How fast it is on this machine: `make bench`, `make bench ARGS="--only subjects policies --write"`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from rich.console import Console

from core.clock import SystemClock
from tests.bench.matching import matching_table
from tests.bench.money import add_arguments, money_table
from tests.bench.nights import nights_table
from tests.bench.page import Told, circumstances, write
from tests.bench.pages import own_pages_table
from tests.bench.peers.tables import by_policies, by_shapes, by_subjects

PARTS: Mapping[str, Callable[[argparse.Namespace, Callable[[str], None]], Told]] = {
    "library": lambda given, _: Told((matching_table(given.subjects),)),
    "subjects": lambda given, said: by_subjects(given.counts, said),
    "policies": lambda given, said: by_policies(given.together, said),
    "shapes": lambda given, said: by_shapes(given.together, said),
    "nights": lambda given, said: Told((nights_table(given.people, given.enterprises, said),)),
    "money": lambda given, said: Told((money_table(given, said),)),
    "money_on_a_server": lambda given, said: Told((money_table(given, said, on_server=True),)),
    "pages": lambda given, said: Told((own_pages_table(given.enterprises, given.policies, said=said),)),
}
"""What is measured, by name; each has its place in docs/performance.md."""


def main() -> None:
    """Measure and show, and write it where that is asked for."""
    given = _parser().parse_args()
    command = f'make bench ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else "make bench"
    out, err = Console(width=150), Console(stderr=True)
    for name in given.only:
        load = os.getloadavg()[0]
        told = PARTS[name](given, err.print)
        for table in told.tables:
            out.print(table)
        if given.write:
            write(name, told, circumstances(command, SystemClock(), load, told.versions))
            err.print(f"wrote {name} to docs/performance.md")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description="how fast it is here")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    parser.add_argument("--write", action="store_true", help="write it to docs/performance.md too")
    parser.add_argument("--subjects", type=int, default=100_000, help="made-up subjects of each kind to match")
    parser.add_argument(
        "--counts",
        type=int,
        nargs="+",
        default=[1, 10_000, 100_000, 1_000_000],
        help="registers of so many made-up subjects to match beside other engines",
    )
    parser.add_argument("--together", type=int, default=100_000, help="made-up subjects of other shapes beside them")
    parser.add_argument("--people", type=int, default=50_000, help="people of the district whose nights are run")
    parser.add_argument("--enterprises", type=int, default=10_000, help="its enterprises")
    add_arguments(parser)
    parser.add_argument("--policies", type=int, default=300, help="policies on the page of an enterprise")
    return parser


if __name__ == "__main__":
    main()
