"""All subjects of a kind that anybody has ever delivered a row about."""

import polars as pl

from core.loads import LoadInfo, Loads
from profiles.catalogue import Catalogue
from profiles.quarantine import quarantined_ids


def everyone(catalogue: Catalogue, loads: Loads, kind: str) -> pl.Series:
    """Return the ids of all subjects of a kind in any load, in quarantine too; unsorted, with repetitions."""
    found = [pl.Series("subject_id", dtype=pl.String)]
    for resource in catalogue.resources.values():
        infos = loads.of(resource.resource)
        for column, of_kind in (("subject_id", resource.subject), ("other_id", resource.other)):
            if of_kind == kind:
                found += [_accepted_ids(loads, info, column) for info in infos]
                found += [quarantined_ids(loads, info, column)[column] for info in infos]
    return pl.concat([ids.rename("subject_id") for ids in found])


def _accepted_ids(loads: Loads, info: LoadInfo, column: str) -> pl.Series:
    return pl.scan_parquet(loads.root / info.path).select(column).unique().collect()[column]
