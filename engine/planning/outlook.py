"""What time alone will do: who starts, ends, moves to another amount, or runs out of a certificate, month by month.

Facts are those known today. They go on as they are recorded: a card ends on its last day, a birthday passes, a window
slides; nothing becomes stale, for nobody knows yet what will not be delivered. Events that are decided on a day of their
own do not move and are left out.
"""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from core.days import DayRange
from core.edges import DayEdge
from core.errors import RunError
from core.settings import SettingsCode
from engine.answers import stretches_on
from engine.compute import Progress
from engine.deployment import Deployment
from engine.match import decide
from engine.night import Night, NightPolicy, night_of, published_policies
from engine.planning.answers import answers
from engine.planning.disclosure import K_LEAST, shown_cells
from engine.planning.sides import Horizon
from engine.units import Unit
from profiles.assemble import assemble
from profiles.catalogue import Catalogue, ResourceKind
from rules.standing import StandState
from rules.tree import facts_of

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys
_NEVER_STALE = 100_000  # days; longer than anybody looks ahead


class Turn(StrEnum):
    """What happens to one subject as time moves."""

    STARTS = "starts"
    ENDS = "ends"
    EXPIRES = "expires"  # ends, because something that holds from one day through another ends
    MORE = "more"
    LESS = "less"
    UNKNOWN = "unknown"  # a fact that is needed is not known any longer


TURNS = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "day": pl.Date(),
        "turn": pl.Enum([turn.value for turn in Turn]),
        "before_fen": pl.Int64(),
        "after_fen": pl.Int64(),
        "failing": pl.List(pl.String()),
    }
)
"""One row per policy, unit and turn; `failing` are the criteria that do not hold any longer; amounts of one period."""


@dataclass(frozen=True, slots=True)
class PolicyOutlook:
    """How many subjects of one policy make each turn: by month, and over all months; None is not shown."""

    policy: str
    title: str
    months: dict[str, dict[Turn, int | None]]
    totals: dict[Turn, int | None]


@dataclass(frozen=True)
class Outlook:
    """What time will do to everyone; `turns` name units by their opaque ids and leave only for a file."""

    day: dt.date
    months: int
    known_at: dt.datetime
    policies: tuple[PolicyOutlook, ...]
    turns: pl.DataFrame

    def as_json(self) -> str:
        """Return the counts for programs; no subject appears."""
        tree = {
            "format_version": FORMAT_VERSION,
            "day": self.day.isoformat(),
            "months": self.months,
            "known_at": self.known_at.isoformat(),
            "k_least": K_LEAST,
            "policies": [dataclasses.asdict(policy) for policy in self.policies],
        }
        return json.dumps(tree, ensure_ascii=False, indent=2, sort_keys=True)


def look_ahead(deployment: Deployment, *, day: dt.date, months: int, progress: Progress) -> Outlook:
    """Work out what time will do under every published policy."""
    known_at = deployment.clock.now()
    progress("reading the published state")
    with deployment.store.reading() as rx:
        policies = published_policies(rx, deployment.catalogue, business_date=day, known_at=known_at)
        policies = tuple(policy for policy in policies if policy.current.version_by is None)
        codes = {policy.policy for policy in policies}
        root = deployment.workspace.root
        lasting = never_stale(deployment.catalogue)
        night = night_of(rx, root, lasting, policies, business_date=day, known_at=known_at, only=codes)
    horizon = Horizon(day, months)
    days = DayRange(day, horizon.days.last)
    found = [TURNS.to_frame()]
    for kind in sorted({policy.kind for policy in policies}):
        progress(f"assembling the profiles of everyone of the kind {kind}")
        own = [policy for policy in policies if policy.kind == kind]
        profiles = _profiles(night, kind, own, days)
        for policy in own:
            progress(f"looking ahead for {policy.current.written.title}")
            found.append(turns_of(night, policy, profiles, days))
    turns = pl.concat(found).sort("policy", "day", "subject_id")
    return Outlook(day, months, known_at, tuple(_counted(turns, each, horizon) for each in policies), turns)


def never_stale(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with facts that go on until something is known to end them."""
    lasting = {
        code: resource.model_copy(update={"fresh_days": _NEVER_STALE}) for code, resource in catalogue.resources.items()
    }
    return catalogue.model_copy(update={"resources": lasting})


def _profiles(night: Night, kind: str, policies: list[NightPolicy], days: DayRange) -> pl.DataFrame:
    versions = [version for policy in policies for version in policy.versions.values()]
    edges: dict[DayEdge, None] = dict.fromkeys(edge for version in versions for edge in version.edges)
    return assemble(
        night.catalogue,
        night.loads,
        kind=kind,
        attributes=sorted(frozenset[str]().union(*(version.attributes for version in versions))),
        days=days,
        known_at=night.known_at,
        edges=tuple(edges),
        owned_over=Unit.of(night.catalogue, kind).owned_over,
    ).collect()


def turns_of(night: Night, policy: NightPolicy, profiles: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Return every turn of one policy after the first of some days: `TURNS`.

    Nulls: who is unknown and becomes met starts; who is unknown and becomes not met does not turn.
    """
    stretches = stretches_on(night, policy, profiles, days, known_at=night.known_at)
    turned = _turned(answers(stretches.lazy()).collect(), days)
    failing = _failing(night, policy, profiles, turned.filter(pl.col("turn") == Turn.ENDS.value), days)
    joined = turned.join(failing, on=["subject_id", "day"], how="left", validate="m:1")
    is_expiry = pl.col("has_run_out").fill_null(value=False) & (pl.col("turn") == Turn.ENDS.value)
    turn = pl.when(is_expiry).then(pl.lit(Turn.EXPIRES.value)).otherwise("turn")
    return joined.select(
        pl.lit(policy.policy).alias("policy"),
        "subject_id",
        "day",
        turn.cast(TURNS["turn"]).alias("turn"),
        "before_fen",
        "after_fen",
        "failing",
    ).cast(TURNS)


def _turned(answered: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Return where one answer follows another: `subject_id`, `day`, `turn`, `before_fen`, `after_fen`.

    Who has no answer on a day is not met on it.
    """
    ordered = answered.sort("subject_id", "day")
    day = pl.col("day")
    follows = (pl.col("through").shift(1).over("subject_id").dt.offset_by("1d") == day).fill_null(value=False)
    goes_on = (day.shift(-1).over("subject_id") == pl.col("through").dt.offset_by("1d")).fill_null(value=False)
    marked = ordered.with_columns(
        before=pl.when(follows).then(pl.col("outcome").shift(1)),
        before_fen=pl.when(follows).then(pl.col("at_least_fen").shift(1)).otherwise(0),
        after_fen="at_least_fen",
        goes_on=goes_on,
    )
    was_met = (pl.col("before") == "met").fill_null(value=False)
    is_met, least, most = pl.col("outcome") == "met", pl.col("before_fen"), pl.col("after_fen")
    turn = (
        pl.when(is_met & was_met.not_())
        .then(pl.lit(Turn.STARTS.value))
        .when(is_met & (most > least))
        .then(pl.lit(Turn.MORE.value))
        .when(is_met & (most < least))
        .then(pl.lit(Turn.LESS.value))
        .when(is_met.not_() & was_met)
        .then(pl.lit(Turn.UNKNOWN.value))
    )
    columns = ("subject_id", "day", "turn", "before_fen", "after_fen")
    begun = marked.filter(day > days.first).with_columns(turn=turn).filter(pl.col("turn").is_not_null())
    ended = marked.filter(is_met & pl.col("goes_on").not_() & (pl.col("through") < days.last)).select(
        "subject_id",
        pl.col("through").dt.offset_by("1d").alias("day"),
        pl.lit(Turn.ENDS.value).alias("turn"),
        pl.col("at_least_fen").alias("before_fen"),
        pl.lit(0, dtype=pl.Int64).alias("after_fen"),
    )
    return pl.concat([begun.select(columns), ended.select(columns)])


def _failing(
    night: Night, policy: NightPolicy, profiles: pl.DataFrame, ended: pl.DataFrame, days: DayRange
) -> pl.DataFrame:
    """Return why each is met no longer: `subject_id`, `day`, `failing`, `has_run_out`.

    Something has run out where a criterion that fails reads a fact which holds from one day through another, and which
    is another than on the day before.
    """
    frames = [
        pl.DataFrame(
            schema={"subject_id": pl.String, "day": pl.Date, "failing": pl.List(pl.String), "has_run_out": pl.Boolean}
        )
    ]
    spells = sorted(_spell_attributes(night.catalogue) & set(profiles.columns))
    named = ended.select("subject_id", pl.col("day").alias("turned_on"))
    before = _held_on(profiles, named, pl.col("turned_on").dt.offset_by("-1d"))
    on = _held_on(profiles, named, pl.col("turned_on")).with_columns(day="turned_on")
    both = on.join(before.select("subject_id", "turned_on", *spells), on=["subject_id", "turned_on"], suffix=":before")
    for stand in policy.stands(days, night.known_at):
        if stand.state is StandState.IN_FORCE and stand.version is not None:
            own = both.lazy().filter(pl.col("day").is_between(stand.days.first, stand.days.last))
            decided = decide(own, policy.compiled[stand.version]).select("subject_id", "day", "failing")
            read = {each.id: facts_of(each.node) & set(spells) for each in policy.versions[stand.version].criteria}
            changed = own.select("subject_id", "day", *(_is_another(code).alias(code) for code in spells))
            run_out = [
                pl.col("failing").list.contains(criterion) & pl.any_horizontal(sorted(codes))
                for criterion, codes in read.items()
                if codes
            ]
            told = decided.join(changed, on=["subject_id", "day"], how="left", validate="1:1").with_columns(
                has_run_out=pl.any_horizontal(run_out) if run_out else pl.lit(value=False)
            )
            frames.append(told.select(frames[0].columns).collect())
    return pl.concat(frames)


def _held_on(profiles: pl.DataFrame, named: pl.DataFrame, day: pl.Expr) -> pl.DataFrame:
    """Return the profile of each subject on a day worked out from its row."""
    held = profiles.join(named, on="subject_id", how="inner").with_columns(day.alias(":asked"))
    return held.filter((pl.col("day") <= pl.col(":asked")) & (pl.col(":asked") <= pl.col("through"))).drop(":asked")


def _is_another(code: str) -> pl.Expr:
    return pl.col(code).ne_missing(pl.col(f"{code}:before"))


def _spell_attributes(catalogue: Catalogue) -> set[str]:
    """Return the attributes that hold from one day through another."""
    return {
        code
        for code, attribute in catalogue.attributes.items()
        if any(catalogue.resources[source.resource].kind is ResourceKind.SPELL for source in attribute.sources)
    }


def _counted(turns: pl.DataFrame, policy: NightPolicy, horizon: Horizon) -> PolicyOutlook:
    own = turns.filter(pl.col("policy") == policy.policy).with_columns(month=pl.col("day").dt.strftime("%Y-%m"))
    counts = {(month, Turn(turn)): count for month, turn, count in own.group_by("month", "turn").len().iter_rows()}
    shown = {turn: shown_cells({month: counts.get((month, turn), 0) for month in horizon.names}) for turn in Turn}
    totals = {turn: sum(counts.get((month, turn), 0) for month in horizon.names) for turn in Turn}
    return PolicyOutlook(
        policy.policy,
        policy.current.written.title,
        {month: {turn: shown[turn][month] for turn in Turn} for month in horizon.names},
        {turn: None if 0 < total < K_LEAST else total for turn, total in totals.items()},
    )


def write_turns(outlook: Outlook, path: Path) -> None:
    """Write every turn with its opaque id to a Parquet file that only its owner may read, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.touch(mode=0o600)
        outlook.turns.write_parquet(beside)
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault
