"""DuckDB: each condition a column of an inner query, the policies over them gathered into a list for each row, and unnested.

SQL has unknown values of its own, so that a policy is told as it stands. Of four forms tried this one was the quickest; one
`UNION ALL` for each policy spends longer on planning than on matching.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import duckdb

from tests.bench.peers.conditions import Condition, Policies, folded


def prepared(asked: Policies) -> Callable[[Path, Path], None]:
    """Return what matches a register and writes who is met."""
    columns: dict[Condition, str] = {}

    def leaf(condition: Condition, is_negated: bool) -> str:
        column = columns.setdefault(condition, f"c{len(columns)}")
        return f"(NOT {column})" if is_negated else column

    policies = [folded(nodes, leaf, _joined) for nodes in asked.values()]
    conditions = ", ".join(f"{_sql(condition)} AS {column}" for condition, column in columns.items())
    numbers = ", ".join(f"CASE WHEN {each} THEN {place}::USMALLINT END" for place, each in enumerate(policies))

    def matched(register: Path, out: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute(
                f"COPY (SELECT subject_id, unnest(list_filter([{numbers}], lambda each: each IS NOT NULL)) AS policy "  # noqa: S608  # our own words
                f"FROM (SELECT subject_id, {conditions} FROM '{register}')) TO '{out}' (FORMAT parquet, COMPRESSION lz4_raw)"
            )

    return matched


def _joined(word: Literal["and", "or"], parts: list[str]) -> str:
    return f"({f' {word.upper()} '.join(parts)})"


def _sql(condition: Condition) -> str:
    column = f'"{condition.code}"'
    match condition.value:
        case True:
            return column
        case tuple() as texts:
            return f"({column} IN ({', '.join(map(_text, texts))}))"
        case str() as text:
            return f"({column} = {_text(text)})"
        case int() as number:
            return f"({column} {condition.sign} {number})"
        case day:
            return f"({column} {condition.sign} DATE '{day}')"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
