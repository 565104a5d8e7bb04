"""Parquet files: columns with types, given on as text like everything else."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.errors import MianshenError, ProfileError
from core.findings import Place
from core.ids import file_digest
from profiles.codes import ProfileCode
from profiles.raw_table import BATCH_ROWS, DIGITS_LOST, without_empty_rows

EXACT_FLOAT = 2**53  # from here on a binary fraction skips whole numbers


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file whose footer has been read."""

    name: str
    digest: str
    header: tuple[str, ...]
    _path: Path
    _schema: pl.Schema

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows as raw batches."""
        texts = [as_text(name, dtype).alias(str(index)) for index, (name, dtype) in enumerate(self._schema.items())]
        rows = pl.scan_parquet(self._path, row_index_name="row_number", row_index_offset=1)
        rows = rows.select(pl.col("row_number").cast(pl.UInt32), *texts, is_whole=pl.lit(True))
        try:
            for batch in rows.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                yield without_empty_rows(batch)
        except pl.exceptions.PolarsError:
            raise _damaged(self._path) from None


def open_parquet(path: Path) -> ParquetTable:
    """Return a Parquet file as a raw table.

    Fails: ProfileError where it is damaged, or where a column holds lists, structures or bytes.
    """
    try:
        schema = pl.scan_parquet(path).collect_schema()
    except (pl.exceptions.PolarsError, OSError):
        raise _damaged(path) from None
    for name, dtype in schema.items():
        if dtype.is_nested() or dtype in {pl.Binary, pl.Object}:
            message = f"the column `{name}` holds neither text nor numbers nor days"
            raise ProfileError.one(ProfileCode.NOT_A_TABLE, path.name, message, "leave it out, or deliver it as text")
    return ParquetTable(path.name, file_digest(path), tuple(schema), path, schema)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a typed column as the text that a CSV file would hold.

    A number kept as a binary fraction and too large to be exact becomes the mark for lost digits; NaN, which Polars sorts above
    all numbers, is a text that is no number.
    """
    column = pl.col(name)
    if dtype.is_float():
        whole = column.is_finite() & (column == column.floor()) & (column.abs() < EXACT_FLOAT)
        return (
            pl.when(column.is_not_nan() & (column.abs() >= EXACT_FLOAT))
            .then(pl.lit(DIGITS_LOST))
            .when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    text = column.cast(pl.String)
    return pl.when(text == "").then(None).otherwise(text)


def _damaged(path: Path) -> MianshenError:
    message = "the Parquet file is damaged or incomplete"
    help_line = "deliver it again; the transfer may have broken off"
    return ProfileError.one(ProfileCode.NOT_A_TABLE, Place(path.name), message, help_line)
