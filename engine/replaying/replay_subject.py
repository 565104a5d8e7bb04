"""One subject's decisions of a past night: as published, as they come out again, and as they would be today.

Today means the same day asked with everything known now: corrected data, later activations, the present catalogue.
Only the subject's own rows are read, so that a dispute is answered at once; no vault is opened, nothing written.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from core.errors import RunError
from core.findings import Finding, Place
from core.ids import file_digest
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.explaining.examination import Examination, Outcome
from engine.explaining.examine import Viewpoint, examine
from engine.explaining.explain import subject_named
from engine.replaying.past_night import PastInputs, PublishedRun, engine_findings, manifest_findings, published_run
from engine.replaying.replay import FORMAT_VERSION, Verdict
from profiles.merging import present_ids
from store.merges import same_subject
from store.opening import Reading
from store.vault_openings import first_seen

_FRAME = "outcomes.parquet"


@dataclass(frozen=True, slots=True)
class Decided:
    """An outcome with its amount; None: not known, or nothing to pay.

    Units: fen.
    """

    outcome: Outcome
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class SubjectDecision:
    """One policy's decision about one subject: published, computed again (`then`), and of today (`now`).

    `now` is None where no version stands on that day by now.
    """

    policy: str
    title: str
    subject_id: str
    published: Decided
    then: Examination
    now: Examination | None

    @property
    def is_equal(self) -> bool:
        """Say whether it comes out again as it was published."""
        return self.published == decided(self.then)

    @property
    def is_changed(self) -> bool:
        """Say whether it would be decided otherwise by what is known today."""
        return self.now is None or decided(self.now) != decided(self.then)


@dataclass(frozen=True, slots=True)
class SubjectReplay:
    """Every decision of a past night about one subject, under all ids that it had then."""

    run_id: str
    business_date: dt.date
    known_at: dt.datetime
    subject_id: str
    decisions: tuple[SubjectDecision, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Say whether every decision comes out again as it was published."""
        if any(each.is_error for each in self.findings):
            return Verdict.REFUSED
        return Verdict.EQUAL if all(each.is_equal for each in self.decisions) else Verdict.DIFFERS

    def as_json(self) -> str:
        """Return the replay for programs: stable keys, days and instants in ISO form."""
        tree: dict[str, object] = {
            "format_version": FORMAT_VERSION,
            "verdict": self.verdict,
            "run_id": self.run_id,
            "business_date": self.business_date,
            "known_at": self.known_at,
            "subject_id": self.subject_id,
            "decisions": [_decision_tree(each) for each in self.decisions],
            "findings": [dataclasses.asdict(each) for each in self.findings],
        }
        return json.dumps(tree, ensure_ascii=False, indent=2, default=_plain, sort_keys=True)


def replay_subject(deployment: Deployment, name: str, subject: str) -> SubjectReplay:
    """Show what a published night decided about a subject, named by an opaque id or an official number.

    Fails: RunError where there is no such night or subject, or where the subject was not known yet.
    """
    with deployment.store.reading() as rx:
        run = published_run(rx, name)
        subject_id, kind = subject_named(rx, deployment, subject)
        past = PastInputs.read(rx, deployment, run)
        ids = _ids_then(rx, past, subject_id)
        folder = run.folder(deployment.workspace.runs)
        findings = [*manifest_findings(run), *past.gone, *_frame_findings(run, folder)]
        if findings:
            return _replay(run, subject_id, (), findings)
        then = _viewpoint_then(rx, past)
        root, day = deployment.workspace.root, run.business_date
        now = Viewpoint.read(rx, root, deployment.catalogue, day=day, known_at=rx.now)
    published = _published(folder / _FRAME, ids)
    today = {each.policy: each for each in _examined(now, kind, subject_id)}
    decisions = [
        SubjectDecision(
            each.policy,
            each.title,
            then_id,
            published.get((each.policy, then_id), Decided("not_met", None)),
            each,
            today.get(each.policy),
        )
        for then_id in ids
        for each in _examined(then, kind, then_id)
    ]
    return _replay(run, subject_id, decisions, list(engine_findings(run)))


def decided(examination: Examination) -> Decided:
    """Return what an examination comes to."""
    amount = (0, 0) if examination.amount is None else examination.amount
    is_known = examination.outcome == "met" and amount[0] == amount[1]
    return Decided(examination.outcome, amount[0] if is_known else None)


def _replay(
    run: PublishedRun, subject_id: str, decisions: Iterable[SubjectDecision], findings: Iterable[Finding]
) -> SubjectReplay:
    record = run.record
    return SubjectReplay(
        record.run_id, record.business_date, record.known_at, subject_id, tuple(decisions), tuple(findings)
    )


def _viewpoint_then(rx: Reading, past: PastInputs) -> Viewpoint:
    assert past.catalogue is not None
    record = past.run.record
    view = Viewpoint.read(
        rx, past.loads.root, past.catalogue, day=record.business_date, known_at=record.known_at
    )  # fmt: skip
    return dataclasses.replace(view, loads=past.loads)


def _ids_then(rx: Reading, past: PastInputs, subject_id: str) -> list[str]:
    """Return the ids under which the night knew a subject: more than one where they were merged only later.

    Fails: RunError where it knew none of them.
    """
    seen = first_seen(rx, same_subject(rx, subject_id))
    stood = present_ids(past.loads.merges)
    known_at = past.run.record.known_at
    ids = sorted({stood.get(each, each) for each, since in seen.items() if since <= known_at})
    if not ids:
        message = f"the night of {past.run.business_date} did not know this subject"
        help_line = f"it was first seen on {min(seen.values()):%Y-%m-%d}" if seen else None
        raise RunError.one(RunCode.UNKNOWN_SUBJECT, "subject", message, help_line)
    return ids


def _frame_findings(run: PublishedRun, folder: Path) -> list[Finding]:
    """Return a finding where what was published about everybody cannot be read any more."""
    path, place = folder / _FRAME, Place(f"runs/{run.record.folder}/{_FRAME}")
    if not path.exists():
        return [Finding(RunCode.OUTPUT_DAMAGED, place, "the published frame is no longer there", "restore the file")]
    if file_digest(path) != run.outputs.get(_FRAME):
        message = "the frame is not the one that was published"
        return [Finding(RunCode.OUTPUT_DAMAGED, place, message, "restore the file")]
    return []


def _published(path: Path, ids: list[str]) -> Mapping[tuple[str, str], Decided]:
    """Return what was published about some subjects; whom the frame does not name met nothing."""
    own = pl.scan_parquet(path).filter(pl.col("subject_id").is_in(ids))
    rows = own.select("policy", "subject_id", pl.col("outcome").cast(pl.String), "amount_fen").collect()
    return {(policy, who): Decided(outcome, fen) for policy, who, outcome, fen in rows.iter_rows()}


def _examined(viewpoint: Viewpoint, kind: str, subject_id: str) -> list[Examination]:
    profile = viewpoint.profile_of(kind, subject_id)
    return [
        examine(viewpoint, policy, profile) for policy in viewpoint.of_kind(kind) if policy.version_on_date is not None
    ]


def _decision_tree(decision: SubjectDecision) -> dict[str, object]:
    return {
        "policy": decision.policy,
        "title": decision.title,
        "subject_id": decision.subject_id,
        "is_equal": decision.is_equal,
        "is_changed": decision.is_changed,
        "published": dataclasses.asdict(decision.published),
        "then": _examination_tree(decision.then),
        "now": None if decision.now is None else _examination_tree(decision.now),
    }


def _examination_tree(examination: Examination) -> dict[str, object]:
    return {
        "version": examination.version,
        **dataclasses.asdict(decided(examination)),
        "criteria": [
            {
                "id": each.id,
                "label": each.label,
                "result": each.result,
                "facts": [dataclasses.asdict(fact) for fact in each.facts],
            }
            for each in examination.criteria
        ],
        "missing": [fact.code for fact in examination.missing],
    }


def _plain(value: object) -> Any:  # noqa: ANN401  # what JSON knows
    assert isinstance(value, dt.date)
    return value.isoformat()
