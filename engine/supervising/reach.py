"""What every policy reached: who is entitled, who was told, who was paid, after how many days, and for how much."""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass

import polars as pl

from core.clock import CIVIL_ZONE
from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.supervising.looking import Look, looking
from rules.version import EFFORTS, Effort
from store.supervising import paid_items, told_subjects

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys
SAVED = tuple(f"{name}_saved" for name in EFFORTS)
_MOST = 0.9  # nine in ten were paid within so many days


@dataclass(frozen=True, slots=True)
class Reach:
    """One policy, by its newest night and by all that was paid.

    Units: fen; days from the night that opened an item to the bank's word that it arrived.
    Nulls: days where nothing was paid yet; `entitled_count` where no night was published; what was saved where the rule
           declares no such effort, which `not_declared` names.
    What was saved is the effort of one application for each subject that was ever paid: who would have applied again each
    year, or for each event, counts once.
    """

    policy: str
    title: str
    owner: str
    lane: str
    entitled_count: int | None
    told_count: int | None  # of those entitled
    paid_count: int | None  # of those entitled
    unknown_count: int | None
    days_median: int | None
    days_most: int | None
    paid_year_fen: int
    paid_ever_count: int  # subjects
    paid_ever_fen: int
    steps_saved: int | None
    visits_saved: int | None
    documents_saved: int | None
    effort_source: str | None  # where the effort of an application is counted
    not_declared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachReport:
    """Every published policy; at the top stands what no rule declares, and so is not told."""

    on: dt.date
    business_date: dt.date | None
    policies: tuple[Reach, ...]

    def as_json(self) -> str:
        """Return it for programs: stable keys, days in ISO form."""
        absent = [name for name in SAVED if all(name in each.not_declared for each in self.policies)]
        tree = {"format_version": FORMAT_VERSION, "not_declared": absent}
        return json.dumps(tree | dataclasses.asdict(self), ensure_ascii=False, indent=2, default=str, sort_keys=True)


def reach_of(deployment: Deployment, on: dt.date | None = None, *, remit: Remit = WHOLE) -> ReachReport:
    """Return what every published policy of a remit reached, by what is known now."""
    with looking(deployment, on, remit=remit) as look:
        paid = paid_items(look.rx)
        entitled = _entitled(look)
        told = told_subjects(look.rx)
        policies = [_reach(look, policy, entitled, told, paid) for policy in sorted(look.policies)]
        return ReachReport(look.on, look.night.business_date if look.night else None, tuple(policies))


def _entitled(look: Look) -> pl.DataFrame | None:
    """Return whom the newest night found to be met or unknown: `policy`, `subject_id`, `outcome`; None without one."""
    outcomes = look.frame("outcomes")
    if outcomes is None:
        return None
    return outcomes.filter(pl.col("outcome") != "not_met").select(
        "policy", "subject_id", pl.col("outcome").cast(pl.String)
    )


def _reach(look: Look, policy: str, entitled: pl.DataFrame | None, told: pl.DataFrame, paid: pl.DataFrame) -> Reach:
    own = paid.filter(pl.col("policy") == policy).with_columns(days=_days())
    written = look.policies[policy].current.written
    this_year = own.filter(pl.col("changed_at").dt.convert_time_zone(str(CIVIL_ZONE)).dt.year() == look.on.year)
    counts: dict[str, int | None] = dict.fromkeys(("entitled", "told", "paid", "unknown"))
    if entitled is not None:
        mine = entitled.filter(pl.col("policy") == policy)
        met = mine.filter(pl.col("outcome") == "met").select("subject_id").unique()
        reached = told.filter(pl.col("policy") == policy)
        counts = {
            "entitled": met.height,
            "told": met.join(reached, on="subject_id", how="semi").height,
            "paid": met.join(own, on="subject_id", how="semi").height,
            "unknown": mine.filter(pl.col("outcome") == "unknown")["subject_id"].n_unique(),
        }
    paid_ever_count = own["subject_id"].n_unique()
    saved = _saved(written.effort, paid_ever_count)
    return Reach(
        policy=policy,
        title=written.title,
        owner=written.owner,
        lane=written.lane.value,
        entitled_count=counts["entitled"],
        told_count=counts["told"],
        paid_count=counts["paid"],
        unknown_count=counts["unknown"],
        days_median=_quantile(own, 0.5),
        days_most=_quantile(own, _MOST),
        paid_year_fen=int(this_year["amount_fen"].sum()),
        paid_ever_count=paid_ever_count,
        paid_ever_fen=int(own["amount_fen"].sum()),
        steps_saved=saved["steps_saved"],
        visits_saved=saved["visits_saved"],
        documents_saved=saved["documents_saved"],
        effort_source=None if written.effort is None else written.effort.source,
        not_declared=tuple(name for name, count in saved.items() if count is None),
    )


def _saved(effort: Effort | None, subject_count: int) -> dict[str, int | None]:
    """Return the effort of so many applications that nobody made; None of what is not declared."""
    declared = [None if effort is None else getattr(effort, name) for name in EFFORTS]
    return {name: None if each is None else each * subject_count for name, each in zip(SAVED, declared, strict=True)}


def _days() -> pl.Expr:
    """Return how many civil days lie between an item's opening and its payment."""
    opened, paid = (
        pl.col(name).dt.convert_time_zone(str(CIVIL_ZONE)).dt.date() for name in ("opened_at", "changed_at")
    )
    return (paid - opened).dt.total_days()


def _quantile(paid: pl.DataFrame, share: float) -> int | None:
    """Return within how many days a share was paid, by a number of days that somebody really waited."""
    if paid.is_empty():
        return None
    found = paid["days"].quantile(share, interpolation="higher")
    return None if found is None else int(found)
