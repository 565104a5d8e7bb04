"""Small deliveries: a resource of each kind, CSV files for them, and a desk that loads them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from core.errors import ProfileError
from core.strict_yaml import parse_yaml
from profiles.catalogue import Resource
from profiles.intake import LoadReport, load_file
from profiles.querying import Query
from tests.profiles.fakes import MemoryRegister, MemoryVault

LOADED_AT = dt.datetime(2025, 7, 2, 1, 0, tzinfo=dt.UTC)
DATA_DATE = dt.date(2025, 7, 1)

CITIZENS = ("11010519491231002X", "440524188001010014", "310118199001011231")
"""Numbers whose check sign is right: two from the standard's examples, one made up."""

LIST = """
resource: list
label: 名单
owner: 区民政局
subject: person
kind: snapshot
refresh: monthly
fresh_days: 40
columns:
  - {name: 号码, type: citizen_id, role: subject}
"""
CARDS = """
resource: cards
label: 残疾人证
owner: 区残联
subject: person
kind: spell
refresh: daily
fresh_days: 40
columns:
  - {name: 号码, type: citizen_id, role: subject}
  - {name: 起, type: date, role: valid_from}
  - {name: 止, type: date, role: valid_through, optional: true}
"""
LOANS = """
resource: loans
label: 贷款
owner: 金融办
subject: enterprise
kind: event
refresh: daily
fresh_days: 40
columns:
  - {name: 代码, type: uscc, role: subject}
  - {name: 日期, type: date, role: day}
"""


def full_width(text: str) -> str:
    """Return a text as an input method for Chinese would write it."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def resource(text: str = LIST, *columns: str, **fields: str) -> Resource:
    """Return a resource with further columns, each a YAML mapping, and with fields replaced or added."""
    head, _, tail = text.partition("columns:")
    kept = [line for line in head.splitlines() if line.partition(":")[0] not in fields]
    added = [f"{name}: {value}" for name, value in fields.items()]
    lines = [*kept, *added, f"columns:{tail.rstrip()}", *(f"  - {column}" for column in columns)]
    return parse_yaml("\n".join(lines), Resource, error=ProfileError, name="resource.yaml")


def raw(**columns: list[str | None]) -> pl.DataFrame:
    """Return a raw batch."""
    height = len(next(iter(columns.values())))
    numbers = pl.int_range(1, height + 1, dtype=pl.UInt32, eager=True)
    cells = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    return pl.DataFrame({"row_number": numbers, "is_whole": pl.Series([True] * height, dtype=pl.Boolean), **cells})


@dataclass(slots=True)
class Desk:
    """Where files are loaded: a folder, a vault and a register."""

    root: Path
    vault: MemoryVault = field(default_factory=MemoryVault)
    register: MemoryRegister = field(default_factory=MemoryRegister)

    def write(self, text: str, name: str = "list.csv") -> Path:
        """Write a delivered file."""
        path = self.root / name
        path.write_bytes(text.encode())
        return path

    def load(self, source: Path | Query, to: Resource, **options: Any) -> LoadReport:  # noqa: ANN401  # as load_file
        """Load a file as on an ordinary day."""
        (self.root / "snapshots").mkdir(exist_ok=True)
        ordinary = {"loaded_at": LOADED_AT, "data_date": DATA_DATE}
        return load_file(
            source,
            to,
            vault=self.vault,
            register=self.register,
            snapshots=self.root / "snapshots",
            **(ordinary | options),
        )

    def load_text(self, text: str, to: Resource, **options: Any) -> LoadReport:  # noqa: ANN401  # as load_file
        """Load a CSV text."""
        return self.load(self.write(text), to, **options)

    def rows(self, report: LoadReport) -> pl.DataFrame:
        """Return the load frame."""
        return pl.read_parquet(self.root / report.load.path)

    def quarantine(self, report: LoadReport) -> pl.DataFrame:
        """Return the quarantine frame."""
        return pl.read_parquet(self.root / report.load.quarantine_path)

    def faults(self, report: LoadReport) -> list[tuple[int, str, str]]:
        """Return the faults as (row, column, code)."""
        return self.quarantine(report).select("row_number", "column", "code").rows()


def codes(report: LoadReport) -> Mapping[str, int]:
    """Return the counts of the findings by code."""
    return {finding.code.value: finding.count for finding in report.findings}
