"""Dated rounds: opened by one person, decided by another, and from then on facts like any others.

`rounds/<code>.yaml` says what the round is. Opening computes its result from what is known now and keeps it beside the
file; deciding signs exactly that result, and it becomes one immutable load of the list that the round writes, with the
round's day as its data date. Nights read it by attributes; who comes later is in no list and is paid nothing.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from core.days import DayRange
from core.durable import sync_file, sync_folder
from core.errors import RefusedError, RunError
from core.findings import Finding, Place, Severity, nearest_help
from core.ids import derive_id, file_digest
from core.loads import LoadInfo
from core.roles import Role
from core.settings import SettingsCode
from engine.authority import authorised
from engine.codes import RunCode
from engine.data_reach import DataReach
from engine.deployment import Deployment
from engine.rounds.files import Round, Writes, read_round
from engine.rounds.results import RATIO_SCALE, Entrant, Placed, first_come, in_ratio, ranked
from profiles.assemble import assemble
from profiles.load_files import publish, staging
from rules.closures import closure
from rules.tariff import FEN
from rules.tree import facts_of
from store.audit import record
from store.loads import StoredLoads, read_loads

_NO_QUARANTINE = pl.Schema(
    {"row_number": pl.UInt32(), "column": pl.String(), "code": pl.String(), "subject_id": pl.String()}
)

RESULT = pl.Schema(
    {
        "subject_id": pl.String(),
        "rank": pl.Int64(),
        "ratio": pl.Int64(),
        "amount_fen": pl.Int64(),
        "ranks": pl.List(pl.Int64()),
    }
)
"""What a round says of everyone it took in; `ratio` at `RATIO_SCALE`, `ranks` by list. Null: not certain."""


@dataclass(frozen=True, slots=True)
class OpenedRound:
    """A round's result as it was computed, and who vouches for it."""

    code: str
    label: str
    day: dt.date
    opened_by: str
    opened_at: str
    fingerprint: str
    entrant_count: int
    unknown_count: int
    amount_fen: int
    decided_by: str | None = None
    decided_at: str | None = None
    load_id: str | None = None

    @property
    def is_decided(self) -> bool:
        """Say whether another person has signed it."""
        return self.decided_by is not None


def open_round(deployment: Deployment, code: str, *, by: str) -> OpenedRound:
    """Compute a round from what is known now, and keep the result for another person to decide.

    A round that is not decided yet may be opened again; what was computed before gives way.
    Fails: RunError where its file is wrong; RefusedError where it was decided already.
    """
    authorised(deployment, by, Role.OFFICER)
    declared = _declared(deployment, code)
    folder = _folder(deployment, code)
    if (folder / "decided.json").exists():
        raise _refused(code, "was decided already", "a correction is a new round")
    now = deployment.clock.now()
    entrants = list(_entrants(deployment, declared, now))
    result = _frame(_result(declared, entrants))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "result.parquet"
    _write(path, result)
    opened = OpenedRound(
        code=code,
        label=declared.written.label,
        day=declared.written.day,
        opened_by=by,
        opened_at=now.isoformat(),
        fingerprint=file_digest(path),
        entrant_count=len(entrants),
        unknown_count=sum(_is_unknown(declared, each) for each in entrants),
        amount_fen=int(result["amount_fen"].sum()),
    )
    with deployment.store.writing() as tx:
        record(tx, "round.opened", by=by, about=code, said={"fingerprint": opened.fingerprint})
    _write_json(folder / "opened.json", opened)
    return opened


def decide_round(deployment: Deployment, code: str, *, by: str) -> OpenedRound:
    """Sign what was opened; it becomes a load of the list that the round writes.

    Fails: RefusedError where nothing is open, it was decided already, or the same person opened it; RunError where the
           result on the disk is no longer what was opened.
    """
    declared, folder = _declared(deployment, code), _folder(deployment, code)
    opened = _read(folder)
    if opened is None:
        raise _refused(code, "is not open", f"open it: `mianshen rounds open {code}`")
    if opened.is_decided:
        raise _refused(code, "was decided already", "a correction is a new round")
    authorised(deployment, by, Role.APPROVER)
    if opened.opened_by == by:
        _refuse_own(deployment, code, by)
    path = folder / "result.parquet"
    if not path.exists() or file_digest(path) != opened.fingerprint:
        message = f"the result of the round `{code}` is not the one that was opened"
        raise RunError.one(RunCode.ROUND_CHANGED, path.name, message, f"open it again: `mianshen rounds open {code}`")
    load = _loaded(deployment, declared, pl.read_parquet(path), opened.fingerprint, by=by)
    decided = _signed(opened, by, deployment.clock.now(), load)
    _write_json(folder / "decided.json", decided)
    return decided


def _refuse_own(deployment: Deployment, code: str, by: str) -> None:
    """Refuse a decision by who opened the round, and have the refusal recorded.

    Fails: RefusedError.
    """
    with deployment.store.writing() as tx:
        record(tx, "round.decided", by=by, about=code, said={})
        raise _refused(code, f"was opened by {by}", "another person has to decide it")


def list_rounds(deployment: Deployment, reach: DataReach | None = None) -> tuple[list[OpenedRound], list[Finding]]:
    """Return every round that was opened, and who would take part by now but came after it was decided.

    Where not all is within `reach`, a round is there whose result is a load of a resource that is.
    """
    rounds, findings = [], list[Finding]()
    for path in sorted(deployment.workspace.rounds.glob("*.yaml")):
        opened = _read(_folder(deployment, path.stem))
        if opened is None or not _lies_within(deployment, path.stem, reach):
            continue
        rounds.append(opened)
        if opened.is_decided:
            findings += _late(deployment, path.stem)
    return rounds, findings


def _lies_within(deployment: Deployment, code: str, reach: DataReach | None) -> bool:
    """Say whether somebody sees a round.

    Fails: RunError where not all is seen, and its file cannot be read.
    """
    return reach is None or reach.resources is None or reach.covers(_declared(deployment, code).resource.resource)


def _late(deployment: Deployment, code: str) -> Iterator[Finding]:
    """Give a finding where somebody takes part by today's knowledge who is not in the result."""
    declared = _declared(deployment, code)
    known = set(pl.read_parquet(_folder(deployment, code) / "result.parquet")["subject_id"])
    entrants = _entrants(deployment, declared, deployment.clock.now())
    kept = {each.subject_id for each in _taken_in(declared, list(entrants))}
    late = [each for each in kept if each not in known]
    if late:
        message = f"{len(late):,} came after the round `{code}` was decided; the list does not have them"
        help_line = "nothing is paid to them; decide a further round with what is left, or tell them"
        place = Place(f"{code}.yaml")
        yield Finding(RunCode.ROUND_LATE, place, message, help_line, Severity.WARNING, len(late))


def _declared(deployment: Deployment, code: str) -> Round:
    rounds = deployment.workspace.rounds
    path = rounds / f"{code}.yaml"
    if not path.exists():
        known = [each.stem for each in rounds.glob("*.yaml")]
        help_line = nearest_help(code, known, "round") or f"write `rounds/{code}.yaml`"
        raise RunError.one(RunCode.UNKNOWN_ROUND, "rounds", f"no round is called `{code}`", help_line)
    return read_round(path, deployment.catalogue)


def _entrants(deployment: Deployment, declared: Round, known_at: dt.datetime) -> Iterator[Entrant]:
    """Give everyone who takes part, or may, as known at an instant on the round's day."""
    nodes = [declared.who, *declared.by]
    nodes += [node for node in (declared.group, declared.amount, declared.came_on) if node is not None]
    with deployment.store.reading() as rx:
        loads = read_loads(rx, deployment.workspace.root).known_at(known_at)
    day = declared.written.day
    profiles = assemble(
        deployment.catalogue,
        loads,
        kind=declared.written.subject,
        attributes=sorted(facts_of(*nodes)),
        days=DayRange(day, day),
        known_at=known_at,
    ).collect()
    who, by = closure(declared.who), [closure(node) for node in declared.by]
    group, amount, came_on = (
        None if node is None else closure(node) for node in (declared.group, declared.amount, declared.came_on)
    )
    for facts in profiles.iter_rows(named=True):
        takes_part = who(facts, day)
        if takes_part is False:
            continue
        scores = [of(facts, day) for of in by]
        own_group = _group_of(group(facts, day), declared.bands) if group else ""
        yield Entrant(
            subject_id=facts["subject_id"],
            is_sure=takes_part is True and own_group is not None,
            group=own_group or "",
            scores=tuple(None if score is None else Fraction(score) for score in scores),
            wanted_fen=FEN.fen(amount(facts, day)) if amount else None,
            came_on=came_on(facts, day) if came_on else None,
        )


def _group_of(value: Fraction | str | None, bands: Sequence[Fraction]) -> str | None:
    """Return a group by its name, or by how many bands begin at or below a number."""
    return value if value is None or isinstance(value, str) else str(sum(band <= value for band in bands))


def _is_unknown(declared: Round, entrant: Entrant) -> bool:
    lacks = (declared.amount is not None and entrant.wanted_fen is None) or None in entrant.scores
    return not entrant.is_sure or lacks or (declared.came_on is not None and entrant.came_on is None)


def _result(declared: Round, entrants: Sequence[Entrant]) -> list[Placed]:
    written = declared.written
    if written.unknown == "counted":
        return _by_method(declared, entrants)
    sure = [each for each in entrants if not _is_unknown(declared, each)]
    waiting = [Placed(each.subject_id) for each in entrants if _is_unknown(declared, each)]
    return [*_by_method(declared, sure), *waiting]


def _by_method(declared: Round, entrants: Sequence[Entrant]) -> list[Placed]:
    written = declared.written
    if written.method == "ranking":
        return ranked(entrants, written.top)
    if written.method == "ratio":
        budget_fen = declared.budget_fen or 0
        return in_ratio(entrants, budget_fen, most_fen=declared.most_fen, ratio_most=declared.ratio_most)
    return first_come(entrants, declared.budget_fen, quota=written.quota, most_fen=declared.most_fen)


def _taken_in(declared: Round, entrants: Sequence[Entrant]) -> list[Entrant]:
    """Return who certainly takes part by now."""
    return [each for each in entrants if not _is_unknown(declared, each)]


def _frame(placed: Sequence[Placed]) -> pl.DataFrame:
    rows = [
        (
            each.subject_id,
            each.rank,
            None if each.ratio is None else int(each.ratio * 10**RATIO_SCALE),
            each.amount_fen,
            list(each.ranks),
        )
        for each in placed
    ]
    return pl.DataFrame(rows, schema=RESULT, orient="row").sort("subject_id")


def _loaded(deployment: Deployment, declared: Round, result: pl.DataFrame, digest: str, *, by: str) -> LoadInfo:
    """Write the result as one load of the round's list and record it."""
    resource, day, writes = declared.resource, declared.written.day, declared.written.writes
    load_id = derive_id("l", resource.resource, day.isoformat(), digest, "round")
    snapshots = deployment.workspace.snapshots
    taken = {writes.ratio: _scaled(declared), writes.amount: pl.col("amount_fen")}
    columns = _ranks(writes) | {name: expression for name, expression in taken.items() if name is not None}
    accepted = result.with_row_index("row_number", 1).select(
        "subject_id",
        *(expression.alias(name) for name, expression in columns.items()),
        pl.col("row_number").cast(pl.UInt32),
    )
    with deployment.store.writing() as tx:
        info = LoadInfo(
            load_id=load_id,
            resource=resource.resource,
            data_date=day,
            loaded_at=tx.now,
            digest=digest,
            file_name=f"round {declared.written.round}",
            path=f"{snapshots.name}/{resource.resource}/{load_id}.parquet",
            row_count=accepted.height,
            accepted_count=accepted.height,
            quarantined_count=0,
            unreadable_count=0,
            is_complete=True,
        )
        root = snapshots.parent
        with staging(snapshots / resource.resource, load_id) as aside:
            publish({root / info.quarantine_path: _NO_QUARANTINE.to_frame(), root / info.path: accepted}, aside)
        record(
            tx, "round.decided", by=by, about=declared.written.round, said={"fingerprint": digest, "load_id": load_id}
        )
        StoredLoads(tx, by).record(info)
    return info


def _ranks(writes: Writes) -> dict[str, pl.Expr]:
    """Return the ranks by column: the best one, or that of each list."""
    if isinstance(writes.rank, str):
        return {writes.rank: pl.col("rank")}
    return {name: pl.col("ranks").list.get(place, null_on_oob=True) for place, name in enumerate(writes.ranks)}


def _scaled(declared: Round) -> pl.Expr:
    """Return the ratio at the scale of the column that it is written to, rounded down."""
    names = {column.name: column.scale for column in declared.resource.columns}
    scale = names.get(declared.written.writes.ratio or "", RATIO_SCALE)
    more, less = 10 ** max(0, scale - RATIO_SCALE), 10 ** max(0, RATIO_SCALE - scale)
    return pl.col("ratio") * pl.lit(more) // pl.lit(less)


def _signed(opened: OpenedRound, by: str, now: dt.datetime, load: LoadInfo) -> OpenedRound:
    return OpenedRound(
        **{name: getattr(opened, name) for name in _OF_OPENING},
        decided_by=by,
        decided_at=now.isoformat(),
        load_id=load.load_id,
    )


_OF_OPENING = tuple(OpenedRound.__dataclass_fields__)[:-3]


def _folder(deployment: Deployment, code: str) -> Path:
    return deployment.workspace.rounds / code


def _read(folder: Path) -> OpenedRound | None:
    for name in ("decided.json", "opened.json"):
        path = folder / name
        if path.exists():
            tree: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return OpenedRound(**tree | {"day": dt.date.fromisoformat(tree["day"])})
    return None


def _refused(code: str, why: str, remedy: str) -> RefusedError:
    return RefusedError.one(RunCode.ROUND_REFUSED, Place(f"{code}.yaml"), f"the round `{code}` {why}", remedy)


def _write(path: Path, frame: pl.DataFrame) -> None:
    beside = path.with_name(f".{path.name}.writing")
    try:
        frame.write_parquet(beside)
        sync_file(beside)
        beside.replace(path)
        sync_folder(path.parent)
    except (OSError, pl.exceptions.PolarsError) as fault:
        beside.unlink(missing_ok=True)
        raise _unwritable(path) from fault


def _write_json(path: Path, opened: OpenedRound) -> None:
    tree: Mapping[str, object] = {name: getattr(opened, name) for name in OpenedRound.__dataclass_fields__}
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.write_text(json.dumps(tree, ensure_ascii=False, default=str, indent=1), "utf-8")
        sync_file(beside)
        os.replace(beside, path)  # noqa: PTH105  # one call, atomic
        sync_folder(path.parent)
    except OSError as fault:
        raise _unwritable(path) from fault


def _unwritable(path: Path) -> RunError:
    return RunError.one(
        SettingsCode.NO_ACCESS, path.name, "the round cannot be written", "make room, then open it again"
    )
