"""How fast it is on this machine: `make bench`, `make bench ARGS="--people 500000 --enterprises 100000"`."""

import argparse

from rich.console import Console

from tests.bench.matching import matching_table
from tests.bench.money import money_table
from tests.bench.nights import nights_table
from tests.bench.pages import own_pages_table
from tests.bench.together import together_table


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="make bench", description="how fast it is here")
    parser.add_argument("--subjects", type=int, default=100_000, help="made-up subjects of each kind to match")
    parser.add_argument("--together", type=int, default=200_000, help="made-up subjects to match with many policies")
    parser.add_argument("--people", type=int, default=50_000, help="people of the district whose nights are run")
    parser.add_argument("--enterprises", type=int, default=10_000, help="its enterprises")
    parser.add_argument("--dues", type=int, default=100_000, help="dues of one night")
    parser.add_argument("--ledger", type=int, default=1_200_000, help="items that the ledger holds before")
    parser.add_argument("--url", help="a PostgreSQL database that may be filled with them; else SQLite")
    parser.add_argument("--policies", type=int, default=300, help="policies on the page of an enterprise")
    given = parser.parse_args()
    out, err = Console(width=150), Console(stderr=True)
    out.print(matching_table(given.subjects))
    out.print(together_table(given.together, said=err.print))
    out.print(nights_table(given.people, given.enterprises, said=err.print))
    out.print(money_table(given.dues, given.ledger, given.url, said=err.print))
    out.print(own_pages_table(given.enterprises, given.policies, said=err.print))


if __name__ == "__main__":
    main()
