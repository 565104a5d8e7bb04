"""Checked rows become rows about opaque subjects: numbers go to the vault, ids come back.

After this module nothing personal is left in a frame.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from profiles.catalogue import Resource, Role
from profiles.contract import Checked
from profiles.hiding import hide_numbers
from profiles.identity import LoadRef, Vault

_FIRST = ("subject_id", "other_id", "valid_from", "valid_through", "day", "row_key", "operation")


@dataclass(frozen=True, slots=True)
class Settler:
    """Brings the batches of one load to the vault."""

    resource: Resource
    vault: Vault
    load: LoadRef
    loaded_at: dt.datetime

    def settle(self, checked: Checked) -> tuple[pl.DataFrame, pl.DataFrame, int]:
        """Return the accepted rows as they stand in the load frame, the bad ones, and the count of cells hidden.

        Shape: accepted rows in the order of the file; columns as `profiles.intake` promises.
        """
        self._learn_aliases(checked.keys)
        ids, faulty = self._ids(Role.SUBJECT, self.resource.subject, checked)
        found = {"subject_id": ids}
        quarantine = {"subject_id": faulty}
        if self.resource.other is not None:
            found["other_id"], quarantine["other_id"] = self._ids(Role.OTHER, self.resource.other, checked)
        self._keep(checked.personal, ids)
        accepted = checked.values.with_columns(**found)
        accepted, hidden = hide_numbers(accepted, checked.keys, self.resource)
        return _ordered(accepted, self.resource), self._quarantined(checked.faults, quarantine), hidden

    def _quarantined(self, faults: pl.DataFrame, ids: Mapping[str, pl.Series]) -> pl.DataFrame:
        """Return the bad rows as they stand in the quarantine frame; a row key there is hidden as in the load frame."""
        words = faults.select("row_number", "column", "code").with_columns(**ids)
        if self.resource.column_of(Role.ROW_KEY) is None:
            return words
        return hide_numbers(words.with_columns(faults["row_key"]), faults, self.resource)[0]

    def _ids(self, role: Role, kind: str, checked: Checked) -> tuple[pl.Series, pl.Series]:
        """Resolve the numbers of good and of bad rows in one go."""
        good, bad = checked.keys[str(role)], checked.faults[str(role)]
        ids = self.vault.resolve(kind, pl.concat([good, bad]), load=self.load, first_seen_at=self.loaded_at)
        return ids.head(len(good)), ids.tail(len(bad))

    def _learn_aliases(self, keys: pl.DataFrame) -> None:
        if "former" not in keys.columns:
            return
        pairs = keys.select("former", present="subject").drop_nulls()
        pairs = pairs.filter(pl.col("former") != pl.col("present")).unique(maintain_order=True)
        if pairs.height:
            self.vault.add_aliases(self.resource.subject, pairs, load=self.load, at=self.loaded_at)

    def _keep(self, personal: pl.DataFrame, ids: pl.Series) -> None:
        fields = [
            pl.DataFrame({"subject_id": ids, "field": name, "value": personal[name]})
            .filter(pl.col("value").is_not_null())
            .filter(pl.col("subject_id").is_last_distinct())
            for name in personal.columns
        ]
        kept = pl.concat(fields) if fields else pl.DataFrame()
        if kept.height:
            self.vault.keep(self.resource.subject, kept, load=self.load, loaded_at=self.loaded_at)


def _ordered(accepted: pl.DataFrame, resource: Resource) -> pl.DataFrame:
    first = [name for name in _FIRST if name in accepted.columns]
    declared = [column.name for column in resource.columns if column.name in accepted.columns]
    return accepted.select(*first, *(name for name in declared if name not in first), "row_number")
