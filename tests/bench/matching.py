"""How fast matching is: made-up subjects against the shipped policies, one frame per kind of subject.

The seed is fixed; times are the best of several rounds, because the machine is rarely ours alone.
"""

import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
from rich.table import Table

from core.values import FactType, ValueType
from engine.match import decide
from profiles.catalogue import Attribute, Catalogue
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.closed import close_version
from rules.compiled import compile_version
from rules.reading import read_policies

LIBRARY = Path(__file__).parents[2] / "rules" / "library"
DAY = dt.date(2025, 11, 3)
SEED = 20251103
KNOWN_PER_UNKNOWN = 19
ROUNDS = 3
CLOSED_COUNT = 200  # subjects asked one by one
_CAPTION = """met or not: every outcome. with reasons: outcome, failing criteria, missing facts, amount.
one page: every condition of every version for one subject, in plain Python."""


def some_values(type_: FactType, draws: random.Random) -> Sequence[object]:
    """Return made-up values of a type, the likelier ones more than once."""
    match type_.type:
        case ValueType.BOOL:
            return [True, *[False] * 3] * 10
        case ValueType.INTEGER:
            return list(range(6)) * 10
        case ValueType.DECIMAL | ValueType.MONEY:
            return [draws.randrange(10_000_000) for _ in range(500)]
        case ValueType.DATE:
            return [dt.date(1925, 1, 1) + dt.timedelta(days=draws.randrange(36_800)) for _ in range(2_000)]
        case ValueType.TEXT:
            return list(type_.values or ("甲", "乙", "丙")) * 10
        case ValueType.REGION:
            return ["310118", "310115", "310118102", "320583"] * 10
        case ValueType.INDUSTRY:
            return ["C3922", "I6510", "F5211", "7010"] * 10


def drawn(type_: FactType, count: int, draws: random.Random) -> pl.Series:
    """Return a column of made-up facts; one in twenty is unknown."""
    known = some_values(type_, draws)
    values = pl.Series([*known, *[None] * max(1, len(known) // KNOWN_PER_UNKNOWN)], dtype=type_.dtype)
    return values.sample(count, with_replacement=True, seed=draws.randrange(1 << 30))


def profiles_of(attributes: list[Attribute], count: int, *, seed: int = SEED) -> pl.DataFrame:
    """Return a profiles frame of made-up subjects on one day."""
    draws = random.Random(seed)  # noqa: S311  # a benchmark is no secret
    columns = {each.code: drawn(each.fact_type, count, draws) for each in attributes}
    ids = pl.int_range(count, eager=True).cast(pl.String)
    return pl.DataFrame({"subject_id": ids, "day": [DAY] * count, "through": [DAY] * count, **columns})


def best_seconds(work: Callable[[], object]) -> float:
    """Return the time of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def measure(kind: str, versions: list[RuleVersion], catalogue: Catalogue, count: int) -> tuple[str, ...]:
    """Return one row of the table: a kind of subject against all its policies."""
    codes = sorted(frozenset[str]().union(*(version.attributes for version in versions)))
    profiles = profiles_of([catalogue.attributes[code] for code in codes], count)
    compiled = [compile_version(version) for version in versions]
    outcomes = [each.outcome.alias(str(index)) for index, each in enumerate(compiled)]
    matching = best_seconds(lambda: profiles.lazy().select(outcomes).collect())
    deciding = best_seconds(lambda: [decide(profiles.lazy(), each).collect() for each in compiled])
    closed = [close_version(version) for version in versions]
    facts = profiles.head(CLOSED_COUNT).to_dicts()
    asking = best_seconds(lambda: [each.criteria(own, DAY) for own in facts for each in closed])
    return (
        kind,
        f"{count:,}",
        str(len(versions)),
        f"{matching:.2f} s",
        f"{deciding:.2f} s",
        f"{count * len(versions) / deciding / 1e6:.1f} million/s",
        f"{asking / len(facts) * 1e3:.2f} ms",
    )


def matching_table(count: int) -> Table:
    """Match so many subjects of each kind, and say how long it took."""
    catalogue = read_catalogue(LIBRARY / "catalogue")
    versions = read_policies(LIBRARY / "policies", catalogue)
    table = Table(title=f"Matching, {pl.thread_pool_size()} threads", caption=_CAPTION, caption_justify="left")
    for heading in ("kind", "subjects", "versions", "met or not", "with reasons", "decisions", "one page"):
        table.add_column(heading, justify="right")
    for kind in sorted({version.written.subject for version in versions}):
        own = [version for version in versions if version.written.subject == kind]
        table.add_row(*measure(kind, own, catalogue, count))
    return table
