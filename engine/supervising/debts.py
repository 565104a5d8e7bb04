"""What every department owes: data that is late, and people whose benefits are unknown for want of a fact of theirs."""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass

import polars as pl

from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.supervising.looking import Look, looking
from engine.tally import owner_of
from profiles.catalogue import Catalogue
from profiles.state import Freshness, ResourceState, load_state
from store.loads import read_loads

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys


@dataclass(frozen=True, slots=True)
class OwedFact:
    """One fact that a department owes: how many people, and in how many outcomes it is missing."""

    attribute: str
    label: str
    subject_count: int
    outcome_count: int


@dataclass(frozen=True, slots=True)
class Debt:
    """One department.

    Units: fen for one period: what the people concerned last had due under the policies that are unknown. Of
           `newcomer_count` outcomes nothing was ever due, and they are not in it.
    """

    department: str
    resource_count: int
    late_count: int  # resources late, stale or never delivered, among those that policies read
    days_late: int  # of the worst
    subject_count: int
    outcome_count: int
    waiting_fen: int
    newcomer_count: int
    facts: tuple[OwedFact, ...]


@dataclass(frozen=True, slots=True)
class DebtReport:
    """Every department that delivers anything, the one with most people first."""

    on: dt.date
    business_date: dt.date | None
    departments: tuple[Debt, ...]

    def as_json(self) -> str:
        """Return it for programs: stable keys, days in ISO form."""
        tree = {"format_version": FORMAT_VERSION, **dataclasses.asdict(self)}
        return json.dumps(tree, ensure_ascii=False, indent=2, default=str, sort_keys=True)


_MISSING = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "attribute": pl.String(),
        "owner": pl.String(),
        "waiting_fen": pl.Int64(),
    }
)
"""One row for each outcome that is unknown and each fact that it lacks, with the department that owes it."""


def debts_of(deployment: Deployment, on: dt.date | None = None, *, remit: Remit = WHOLE) -> DebtReport:
    """Return what every department owes to the policies of a remit, by the newest published night and the loads known now."""
    with looking(deployment, on, remit=remit) as look:
        loads = read_loads(look.rx, deployment.workspace.root).known_at(look.rx.now)
        states = [
            each
            for each in load_state(deployment.catalogue, loads, look.on)
            if look.sees(each.resource) and (each.load_count or each.resource.resource in look.resources)
        ]
        missing = _missing(look)
        names = {each.resource.owner for each in states} | set(missing["owner"])
        debts = [_debt(deployment.catalogue, name, states, missing, look.on) for name in names]
        business_date = look.night.business_date if look.night else None
    return DebtReport(look.on, business_date, tuple(sorted(debts, key=_weight)))


def _weight(debt: Debt) -> tuple[int, int, str]:
    return -debt.subject_count, -debt.days_late, debt.department


def _debt(catalogue: Catalogue, name: str, states: list[ResourceState], missing: pl.DataFrame, on: dt.date) -> Debt:
    own = [each for each in states if each.resource.owner == name]
    late = [each for each in own if each.is_late or each.freshness in {Freshness.NEVER, Freshness.STALE}]
    mine = missing.filter(pl.col("owner") == name)
    outcomes = mine.unique(["policy", "subject_id"])
    facts = (
        mine.group_by("attribute")
        .agg(pl.col("subject_id").n_unique().alias("subjects"), pl.len().alias("outcomes"))
        .sort("subjects", "attribute", descending=[True, False])
    )
    return Debt(
        department=name,
        resource_count=len(own),
        late_count=len(late),
        days_late=max((_days_late(each, on) for each in late), default=0),
        subject_count=mine["subject_id"].n_unique(),
        outcome_count=outcomes.height,
        waiting_fen=int(outcomes["waiting_fen"].sum()),
        newcomer_count=outcomes["waiting_fen"].null_count(),
        facts=tuple(
            OwedFact(code, catalogue.what_is_missing(code).label, subjects, count)
            for code, subjects, count in facts.iter_rows()
        ),
    )


def _days_late(state: ResourceState, on: dt.date) -> int:
    """Return for how many days a delivery is missing; of what never came nobody can say."""
    due = state.due_on or state.fresh_through
    return 0 if due is None else max(0, (on - due).days)


def _missing(look: Look) -> pl.DataFrame:
    outcomes = look.frame("outcomes")
    if outcomes is None:
        return pl.DataFrame(schema=_MISSING)
    unknown = (
        outcomes.filter(pl.col("outcome") == "unknown")
        .select("policy", "subject_id", pl.col("missing").alias("attribute"))
        .explode("attribute")
        .drop_nulls()
    )
    owners = _owners(look.deployment.catalogue, unknown["attribute"].unique().to_list())
    owed = unknown.join(owners, on="attribute", how="inner", validate="m:1")
    return owed.join(_last_due(look), on=["policy", "subject_id"], how="left", validate="m:1").select(_MISSING.names())


def _owners(catalogue: Catalogue, codes: list[str]) -> pl.DataFrame:
    """Return the department that owes each fact, as a night's report names it."""
    rows = [(code, owner_of(catalogue, catalogue.what_is_missing(code))) for code in codes]
    return pl.DataFrame(rows, schema={"attribute": pl.String, "owner": pl.String}, orient="row")


def _last_due(look: Look) -> pl.DataFrame:
    """Return what each subject last had due under each policy in one period: `policy`, `subject_id`, `waiting_fen`."""
    dues = look.frame("dues")
    if dues is None:
        return pl.DataFrame(schema={name: _MISSING[name] for name in ("policy", "subject_id", "waiting_fen")})
    by_period = (
        dues.filter(pl.col("at_least_fen") > 0)
        .group_by("policy", "subject_id", "period_first")
        .agg(pl.col("at_least_fen").sum().alias("waiting_fen"))
    )
    return by_period.sort("period_first").unique(["policy", "subject_id"], keep="last").drop("period_first")
