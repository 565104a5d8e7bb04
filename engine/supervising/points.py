"""The points of the supervision against the facts and the ledger; and, both ways, what is due and not paid, or the reverse."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.days import LAST_DAY, DayRange, Period, PeriodKind, add_months
from core.errors import RunError
from core.ledger import ItemState
from core.remits import WHOLE, Remit
from core.roles import Role
from core.settings import SettingsCode
from delivery.private_files import write_private
from engine.authority import authorised
from engine.deployment import Deployment
from engine.supervising.looking import Look, looking
from engine.supervising.points_file import Point, Wrong, read_points
from profiles.assemble import assemble
from rules.edges import day_edges
from rules.polars_expressions import condition
from rules.tree import facts_of
from store.cases import read_cases
from store.loads import read_loads
from store.positions import read_positions
from store.supervising import unpaid_items
from store.vault_openings import record_reading

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys

HITS = pl.Schema({"point": pl.String(), "subject_id": pl.String(), "period": pl.String(), "paid_fen": pl.Int64()})
"""Whom the points are about, by opaque id: one row per point, subject and paid period (empty where none is asked)."""


@dataclass(frozen=True, slots=True)
class PointResult:
    """What one point came to.

    Units: fen, of money that went out; `case_fen` of it is claimed already. `unknown_count` subjects cannot be told.
    """

    point: str
    label: str
    wrong: Wrong
    policy: str | None
    subject_count: int
    unknown_count: int
    paid_fen: int
    case_fen: int


@dataclass(frozen=True, slots=True)
class BothWays:
    """One policy by its ledger. Units: fen.

    应享未享: what is opened and has not arrived: ready to go or on its way to a batch, on hold, sent back.
    不应享而享: what went out and is not due: open cases.
    """

    policy: str
    title: str
    owner: str
    unserved_count: int
    ready_fen: int
    on_hold_fen: int
    returned_fen: int
    undeserved_count: int
    undeserved_fen: int


@dataclass(frozen=True)
class PointReport:
    """Every point as of a day, and every policy both ways; `hits` name subjects by opaque ids and leave only for a file."""

    on: dt.date
    points: tuple[PointResult, ...]
    policies: tuple[BothWays, ...]
    hits: pl.DataFrame

    def as_json(self) -> str:
        """Return the counts for programs; no subject appears."""
        tree = {
            "format_version": FORMAT_VERSION,
            "on": self.on,
            "points": [dataclasses.asdict(each) for each in self.points],
            "policies": [dataclasses.asdict(each) for each in self.policies],
        }
        return json.dumps(tree, ensure_ascii=False, indent=2, default=str, sort_keys=True)


def supervise(deployment: Deployment, on: dt.date | None = None, *, remit: Remit = WHOLE) -> PointReport:
    """Compare as of a day, by everything that is known now: the points about policies of a remit, or all of them.

    Fails: RunError where the file of points is wrong.
    """
    known = read_points(deployment.workspace, deployment.catalogue)
    points = [each for each in known if remit.covers(each.written.paid or each.written.unpaid)]
    with looking(deployment, on, remit=remit) as look:
        asked = [each for kind in sorted({p.written.subject for p in points}) for each in _of_kind(look, points, kind)]
        results = {result.point: (result, hits) for result, hits in asked}
        both = tuple(_both_ways(look))
    ordered = [results[each.written.id] for each in points]
    hits = pl.concat([hits for _, hits in ordered]) if ordered else pl.DataFrame(schema=HITS)
    return PointReport(look.on, tuple(result for result, _ in ordered), both, hits)


def write_hits(deployment: Deployment, report: PointReport, path: Path, *, by: str) -> None:
    """Write whom the points are about, by opaque id, and record who took the list.

    Fails: RefusedError where who asks neither supervises nor audits; RunError where the file may not be written.
    """
    authorised(deployment, by, (Role.SUPERVISOR, Role.AUDITOR))
    subjects = report.hits["subject_id"].unique().to_list()
    with deployment.store.writing() as tx:
        record_reading(tx, subjects, sorted(report.hits["point"].unique()), by=by, why="supervision points")
    try:
        write_private(path, report.hits.write_csv().encode())
    except OSError as fault:
        message = f"the list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def _of_kind(look: Look, points: Sequence[Point], kind: str) -> list[tuple[PointResult, pl.DataFrame]]:
    """Return the results of the points about one kind of subject, from one assembly of its facts."""
    own = [each for each in points if each.written.subject == kind]
    stretches = _stretches(look, own, kind)
    return [_result(look, each, stretches) for each in own]


def _stretches(look: Look, own: Sequence[Point], kind: str) -> pl.DataFrame:
    """Return for every subject of a kind whether each condition holds, stretch by stretch of days, as far back as asked.

    Adds: `subject_id`, `day`, `through`, and a truth by the id of each point; null is unknown.
    """
    back = max((each.written.over for each in own if each.written.paid is not None), default=0)
    first = add_months(look.on.replace(day=1), -back)
    nodes = [each.when for each in own]
    profiles = assemble(
        look.deployment.catalogue,
        read_loads(look.rx, look.deployment.workspace.root).known_at(look.rx.now),
        kind=kind,
        attributes=sorted(facts_of(*nodes)),
        days=DayRange(first, look.on),
        known_at=look.rx.now,
        edges=day_edges(nodes),
    )
    truths = [condition(each.when).alias(each.written.id) for each in own]
    return profiles.select("subject_id", "day", "through", *truths).collect()


def _result(look: Look, point: Point, stretches: pl.DataFrame) -> tuple[PointResult, pl.DataFrame]:
    written = point.written
    truth = pl.col(written.id)
    today = stretches.filter(pl.col("through") == look.on)
    unknown = today.filter(truth.is_null())
    if written.paid is not None:
        found = _paid_throughout(look, point, stretches)
        unknown = unknown.join(found.select("subject_id"), on="subject_id", how="anti")
        unknown = unknown.join(_payments(look, point).select("subject_id").unique(), on="subject_id", how="semi")
    else:
        found = today.filter(truth).select("subject_id", period=pl.lit(""), paid_fen=pl.lit(0), case_fen=pl.lit(0))
        if written.unpaid is not None:
            found = found.join(_opened(look, written.unpaid), on="subject_id", how="anti")
    result = PointResult(
        point=written.id,
        label=written.label,
        wrong=point.wrong,
        policy=written.paid or written.unpaid,
        subject_count=found["subject_id"].n_unique(),
        unknown_count=unknown["subject_id"].n_unique(),
        paid_fen=int(found["paid_fen"].sum()),
        case_fen=int(found["case_fen"].sum()),
    )
    hits = found.with_columns(point=pl.lit(written.id)).select(HITS.names()).cast(HITS).sort("subject_id", "period")
    return result, hits


def _paid_throughout(look: Look, point: Point, stretches: pl.DataFrame) -> pl.DataFrame:
    """Return the payments throughout whose period the condition held: there is no day on which it did not, or may not."""
    payments = _payments(look, point)
    other = stretches.filter(pl.col(point.written.id).fill_null(value=False).not_()).select(
        "subject_id", "day", "through"
    )
    overlaps = (pl.col("day") <= pl.col("last")) & (pl.col("through") >= pl.col("first"))
    spared = payments.join(other, on="subject_id", how="inner", validate="m:m").filter(overlaps)
    known = payments.join(stretches.select("subject_id").unique(), on="subject_id", how="semi")
    return known.join(spared.select("obligation_id").unique(), on="obligation_id", how="anti")


def _payments(look: Look, point: Point) -> pl.DataFrame:
    """Return what went out under a point's policy for the periods that it asks about, those of this day included.

    Adds: `obligation_id`, `subject_id`, `period`, `paid_fen`, `case_fen`, `first`, `last`: days of the period that are asked.
    """
    first = add_months(look.on.replace(day=1), -point.written.over)
    positions = read_positions(look.rx, policy=point.written.paid).with_columns(
        paid_fen=pl.col("instructed_fen") - pl.col("recovered_fen")
    )
    out = positions.filter(pl.col("paid_fen") > 0)
    days = pl.DataFrame(
        [(name, *_asked_days(name, look.on)) for name in out["period"].unique().sort()],
        schema={"period": pl.String, "first": pl.Date, "last": pl.Date},
        orient="row",
    )
    return (
        out.join(days, on="period", how="inner", validate="m:1")
        .filter((pl.col("first") >= first) & (pl.col("first") <= look.on))
        .select(
            "obligation_id",
            "subject_id",
            "period",
            "paid_fen",
            pl.col("case_open_fen").alias("case_fen"),
            "first",
            "last",
        )
    )


def _asked_days(name: str, on: dt.date) -> tuple[dt.date, dt.date]:
    """Return the days of a period up to a day; of what is paid once or for an event, the day itself."""
    period = Period.named(name)
    if period.kind is PeriodKind.ONCE or period.days.last == LAST_DAY:
        return on, on
    return period.days.first, min(period.days.last, on)


def _opened(look: Look, policy: str) -> pl.DataFrame:
    """Return for whom something of a policy is held for the period that has the day: `subject_id`."""
    positions = read_positions(look.rx, policy=policy).filter(pl.col("held_fen") > 0)
    holding = [name for name in positions["period"].unique().to_list() if look.on in Period.named(name).days]
    return positions.filter(pl.col("period").is_in(holding)).select("subject_id").unique()


_READY = (ItemState.OPEN, ItemState.IN_BATCH)


def _both_ways(look: Look) -> Iterable[BothWays]:
    """Give every policy of which something waits or was overpaid, by code."""
    waiting = unpaid_items(look.rx)
    cases = read_cases(look.rx)
    for policy in look.remit.within(sorted({*waiting["policy"], *cases["policy"]})):
        own, claimed = waiting.filter(pl.col("policy") == policy), cases.filter(pl.col("policy") == policy)
        fen = dict(own.group_by("state").agg(pl.col("amount_fen").sum()).iter_rows())
        yield BothWays(
            policy=policy,
            title=look.title(policy),
            owner=look.owner(policy),
            unserved_count=own["subject_id"].n_unique(),
            ready_fen=sum(fen.get(state, 0) for state in _READY),
            on_hold_fen=fen.get(ItemState.ON_HOLD, 0),
            returned_fen=fen.get(ItemState.RETURNED, 0),
            undeserved_count=claimed["subject_id"].n_unique(),
            undeserved_fen=int(claimed["amount_fen"].sum()),
        )
