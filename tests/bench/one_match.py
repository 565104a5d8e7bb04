"""One way to match a made-up register in a process of its own: `python -m tests.bench.one_match WAY SHAPE FILE OUT`.

Every way reads the register's Parquet and writes who is met under which policy. `by hand` is what somebody writes who knows
Polars well: each condition once, the policies over them, all rows at a time.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

import polars as pl
from polars.io.plugins import register_io_source

from engine.planes import MET, OUTCOMES, Matcher
from engine.prepared import CHUNK_ROWS
from rules.polars_expressions import condition
from rules.thresholds import APPLY
from rules.tree import All, Compare, Fact, Node, Not, Number, Some, canonical
from tests.bench.shapes import SHAPES, policies

T = TypeVar("T")
Policies = Mapping[str, list[Node]]

LIST = pl.Schema({"subject_id": pl.String(), "policy": pl.UInt16()})
PACKED: Literal["lz4"] = "lz4"  # by every engine: it would else be a part of the comparison


def together(path: Path, asked: Policies, out: Path) -> int:
    """Match chunk by chunk with all policies compiled together, and write as it goes: neither frame nor list is ever whole here."""
    matcher, lengths = Matcher.of(asked), list[int]()

    def part_of(chunk: pl.DataFrame) -> pl.DataFrame:
        part = listed(chunk["subject_id"], matcher.match(chunk, (MET,)), asked)
        lengths.append(part.height)
        return part

    def parts(*_: object) -> Iterator[pl.DataFrame]:
        return each_chunk(path, matcher.reads, part_of)

    register_io_source(parts, schema=LIST).sink_parquet(out, compression=PACKED)
    return sum(lengths)


def three_planes(path: Path, asked: Policies, out: Path) -> int:
    """Keep who is met, unknown and nearly met, as planes; the lists are read from them when somebody asks."""
    matcher, places = Matcher.of(asked), count()

    def kept(chunk: pl.DataFrame) -> int:
        planes = matcher.match(chunk, OUTCOMES)
        planes.write_ipc(out.with_suffix(f".{next(places)}"), compression="lz4")
        return int(planes.select(pl.sum_horizontal(pl.col(f"{MET}:{name}").sum() for name in asked)).item())

    return sum(each_chunk(path, matcher.reads, kept))


def by_hand(path: Path, asked: Policies, out: Path) -> int:
    """Match all rows at once by expressions as somebody would write them."""
    found = met_by_hand(pl.scan_parquet(path), asked)
    return written(listed(found["subject_id"], found, asked), out)


def met_by_hand(frame: pl.LazyFrame, asked: Policies) -> pl.DataFrame:
    """Return who is met, beside `subject_id`, by columns named as the matcher's: null where that is unknown."""
    conditions: dict[str, tuple[str, pl.Expr]] = {}
    met = {
        f"{MET}:{name}": pl.all_horizontal([_by_hand(each, conditions) for each in own]) for name, own in asked.items()
    }
    layer = frame.select("subject_id", *(expr.alias(name) for name, expr in conditions.values()))
    return layer.select("subject_id", **met).collect(optimizations=pl.QueryOptFlags(comm_subexpr_elim=False))


WAYS: Mapping[str, Callable[[Path, Policies, Path], int]] = {
    "together": together,
    "three planes": three_planes,
    "by hand": by_hand,
}


def each_chunk(path: Path, reads: tuple[str, ...], made: Callable[[pl.DataFrame], T]) -> Iterator[T]:
    """Give what is made of a register, chunk by chunk; each is let go before the next is read."""
    frame = pl.scan_parquet(path)
    for first in range(0, frame.select(pl.len()).collect().item(), CHUNK_ROWS):
        yield made(frame.select("subject_id", "day", *reads).slice(first, CHUNK_ROWS).collect(engine="streaming"))


def listed(ids: pl.Series, planes: pl.DataFrame, asked: Policies) -> pl.DataFrame:
    """Return who is met under which policy, by planes."""
    own = [ids.filter(planes[f"{MET}:{name}"]) for name in asked]
    numbers = [pl.Series([place], dtype=pl.UInt16).new_from_index(0, len(each)) for place, each in enumerate(own)]
    return pl.DataFrame({"subject_id": pl.concat(own), "policy": pl.concat(numbers)})


def written(met: pl.DataFrame, out: Path) -> int:
    """Write a list as every engine does, and return how long it is."""
    met.write_parquet(out, compression=PACKED)
    return met.height


def _by_hand(node: Node, conditions: dict[str, tuple[str, pl.Expr]]) -> pl.Expr:
    match node:
        case Not(operand=operand):
            return _by_hand(operand, conditions).not_()
        case All(operands=operands):
            return pl.all_horizontal([_by_hand(each, conditions) for each in operands])
        case Some(operands=operands):
            return pl.any_horizontal([_by_hand(each, conditions) for each in operands])
        case Compare(sign=sign, left=Fact(code=code, type=type_), right=Number(value=bound)):
            expr = APPLY[sign](pl.col(code), int(bound * type_.denominator))
        case _:
            expr = condition(node)
    name, _ = conditions.setdefault(canonical(node), (f"condition {len(conditions)}", expr))
    return pl.col(name)


def main() -> None:
    """Match, and tell what it took."""
    way, shape, path, out = sys.argv[1:]
    asked = policies(SHAPES[shape])
    begun, cpu = time.perf_counter(), time.process_time()
    count = WAYS[way](Path(path), asked, Path(out))
    json.dump(
        {
            "seconds": time.perf_counter() - begun,
            "cpu_seconds": time.process_time() - cpu,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "met": count,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
