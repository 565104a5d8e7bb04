"""New grants that may belong to somebody we know under a former number.

A register's new load brings a number nobody has seen and leaves one out: perhaps a corrected number. A first
grant that reaches back behind the number's first appearance would then pay the same months twice, so it
waits until the correction arrives, which merges the two, or a person says that it is somebody else.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

import polars as pl

from core.ledger import Act, ActKind
from core.loads import LoadInfo
from engine.decide import Decision
from engine.night import BY
from engine.people import Present
from profiles.catalogue import Catalogue, Delivery, Resource, ResourceKind


def suspects(present: Present, decision: Decision) -> list[Act]:
    """Return an act of suspicion for each new grant that waits.

    Source: semantics §6; only where one who had a grant under the same policy vanished in the same load, since
            nobody else's months could be paid twice.
    """
    night = present.night
    reaching = _first_due(decision)
    since = night.before(decision.policy).known_at
    if reaching.is_empty() or since is None:
        return []
    had = set(present.grants_of(decision.policy.policy)["subject_id"])
    found: dict[str, None] = {}
    for load, appeared, vanished in _turnovers(present, _paid_kind(night.catalogue, decision.policy.kind), since):
        if not vanished & had:
            continue
        new = reaching.filter(
            pl.col("subject_id").is_in(pl.Series(sorted(appeared), dtype=pl.String).implode())
            & (pl.col("period_last") < load.data_date)
        )
        found |= dict.fromkeys(new["grant_id"])
    return [
        Act(grant_id, ActKind.SUSPECT_RENUMBERING, night.business_date, night.known_at, BY)
        for grant_id in sorted(found)
    ]


def _paid_kind(catalogue: Catalogue, kind: str) -> str:
    """Return the kind of those who are paid: of events, their owners'."""
    over = catalogue.kinds[kind].of
    return kind if over is None else catalogue.relations[over].other


def _first_due(decision: Decision) -> pl.DataFrame:
    """Return the earliest due of each new grant: `subject_id`, `grant_id`, `period_last`."""
    new = decision.dues.join(decision.new_grants.select("grant_id"), on="grant_id", how="semi")
    due = new.filter(pl.col("at_least_fen") > 0)
    return due.group_by("subject_id", "grant_id").agg(pl.col("period_last").min()).sort("grant_id")


def _turnovers(present: Present, kind: str, since: dt.datetime) -> Iterator[tuple[LoadInfo, set[str], set[str]]]:
    """Give each full load of a register since an instant with who appeared in it for the first time and who was left out."""
    night = present.night
    for resource in _registers(night.catalogue.resources, kind):
        loads = night.loads.of(resource.resource)
        for index, load in enumerate(loads):
            if load.loaded_at > since and index > 0:
                before = [_subjects(present, earlier) for earlier in loads[:index]]
                now = _subjects(present, load)
                yield load, now - set[str]().union(*before), before[-1] - now


def _registers(resources: Mapping[str, Resource], kind: str) -> list[Resource]:
    return [
        resource
        for _, resource in sorted(resources.items())
        if resource.subject == kind and resource.delivery is Delivery.FULL and resource.kind is not ResourceKind.EVENT
    ]


def _subjects(present: Present, load: LoadInfo) -> set[str]:
    path = present.night.loads.root / load.path
    ids = pl.scan_parquet(path).select("subject_id").unique().collect()["subject_id"]
    return {present.ids.get(each, each) for each in ids}
