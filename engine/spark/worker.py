"""What a worker does with the rows it is given: the kernels of one machine, chunk by chunk.

Imported on workers alone: nothing here knows a session.
"""

import pickle
from collections.abc import Iterator
from functools import lru_cache

import polars as pl
import pyarrow as pa

from engine.prepared import CHUNK_ROWS, MATCHES, Kernel

TOLD = pa.schema(
    {
        "policy": pa.string(),
        "subject_id": pa.string(),
        "outcome": pa.string(),
        "failing": pa.list_(pa.string()),
        "missing": pa.list_(pa.string()),
        "amount_fen": pa.int64(),
    }
)
"""`engine.prepared.MATCHES` as Spark holds it."""


def matches(batches: Iterator[pa.RecordBatch], rules: bytes) -> Iterator[pa.RecordBatch]:
    """Give the outcomes of the rows that come: `TOLD`, in no order.

    Memory: a chunk of the rows, and what it comes to; batches as they come are too small for so many policies.
    """
    kernel = _kernel(rules)
    for chunk in _chunks(batches):
        told = [
            frame.select(pl.lit(policy).alias("policy"), *MATCHES.names()[1:])
            for policy, frame in kernel.decided(chunk).items()
        ]
        if told:
            yield from pl.concat(told).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(TOLD).to_batches()


@lru_cache(maxsize=1)
def _kernel(rules: bytes) -> Kernel:
    """Return the rules; read once in each process."""
    kernel = pickle.loads(rules)  # noqa: S301  # written by whoever sent this worker its code
    assert isinstance(kernel, Kernel)
    return kernel


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    waiting, count = list[pa.RecordBatch](), 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if count >= CHUNK_ROWS:
            yield _frame(waiting)
            waiting, count = [], 0
    if count:
        yield _frame(waiting)


def _frame(batches: list[pa.RecordBatch]) -> pl.DataFrame:
    frame = pl.from_arrow(pa.Table.from_batches(batches))
    assert isinstance(frame, pl.DataFrame)
    return frame
