"""Whether each planted fault of a made-up district was found, and led to what the law wants."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.days import Period, PeriodKind
from core.findings import Finding
from core.ledger import ItemState, Obligation
from engine.data_state import known_findings
from engine.deployment import Deployment
from engine.district.plan import (
    DistrictPlan,
    Expected,
    ExpectedCase,
    ExpectedFinding,
    ExpectedItem,
    ExpectedOutcome,
    ExpectedSame,
    Fault,
)
from engine.report import NightReport
from store.positions import read_obligations, read_positions
from store.vault_openings import look_up


@dataclass(frozen=True, slots=True)
class FaultResult:
    """One planted fault; `unmet` are the expectations that did not come true."""

    fault: Fault
    unmet: tuple[Expected, ...]

    @property
    def is_right(self) -> bool:
        """Say whether everything came as the law wants."""
        return not self.unmet


@dataclass(frozen=True)
class Remembered:
    """What one night left for the planted subjects: outcomes, periods and obligations, by subject."""

    outcomes: pl.DataFrame
    dues: pl.DataFrame
    obligations: Mapping[tuple[str, str, str], Obligation]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, deployment: Deployment, plan: DistrictPlan, report: NightReport) -> "Remembered":
        """Return what stands right after a night, before anybody pays."""
        subjects = sorted({each for fault in plan.faults if (each := _subject(deployment, fault, fault.number))})
        folder = deployment.workspace.runs / report.business_date.isoformat()
        wanted = pl.col("subject_id").is_in(subjects)
        with deployment.store.reading() as rx:
            keys = read_positions(rx, subjects=subjects)["obligation_id"].to_list()
            obligations = read_obligations(rx, keys)
        return cls(
            outcomes=pl.read_parquet(folder / "outcomes.parquet").filter(wanted),
            dues=pl.read_parquet(folder / "dues.parquet").filter(wanted),
            obligations={(each.policy, each.subject_id, each.period): each for each in obligations},
            findings=report.findings,
        )


def results_of(
    deployment: Deployment,
    plan: DistrictPlan,
    remembered: Mapping[dt.date, Remembered],
    loaded: Sequence[tuple[str, Finding]],
) -> tuple[FaultResult, ...]:
    """Return what became of every planted fault; `loaded` are the findings of loading, by resource."""
    checking = _Checking(deployment, remembered, loaded)
    return tuple(
        FaultResult(fault, tuple(each for each in fault.expected if not checking.holds(fault, each)))
        for fault in plan.faults
    )


@dataclass(frozen=True)
class _Checking:
    """The checking of one district's expectations."""

    deployment: Deployment
    remembered: Mapping[dt.date, Remembered]
    loaded: Sequence[tuple[str, Finding]]

    def holds(self, fault: Fault, expected: Expected) -> bool:
        """Say whether an expectation came true."""
        match expected:
            case ExpectedFinding():
                return self._is_found(expected)
            case ExpectedSame(number):
                return self._id(fault, fault.number) == self._id(fault, number)
            case ExpectedOutcome():
                return self._outcome(fault, expected) == expected.outcome
            case ExpectedItem():
                return self._amounts(fault, expected) == expected.items
            case ExpectedCase():
                held = self._obligation(fault, expected)
                return held is not None and held.case_open_fen == expected.amount_fen

    def _id(self, fault: Fault, number: str | None) -> str | None:
        return _subject(self.deployment, fault, number)

    def _is_found(self, expected: ExpectedFinding) -> bool:
        nights = [each for night in self.remembered.values() for each in night.findings]
        found = [*self.loaded, *((each.place.path, each) for each in (*nights, *self._on(expected.on)))]
        places = {expected.resource, expected.attribute}
        return any(place in places and finding.code == expected.code for place, finding in found)

    def _on(self, day: dt.date | None) -> list[Finding]:
        """Return what the shared data has to say on a day, by all that is known."""
        if day is None:
            return []
        return known_findings(self.deployment, day)

    def _outcome(self, fault: Fault, expected: ExpectedOutcome) -> str:
        night = self.remembered[expected.night]
        own = (pl.col("subject_id") == self._id(fault, fault.number)) & (pl.col("policy") == expected.policy)
        periods = {Period.of(expected.night, kind).name for kind in _KINDS}
        if expected.period in periods:
            today = night.outcomes.filter(own)
            return str(today["outcome"][0]) if today.height else "not_met"
        due = night.dues.filter(own & (pl.col("period") == expected.period))
        return "not_met" if due.is_empty() else "met" if due["is_met"].any() else "unknown"

    def _amounts(self, fault: Fault, expected: ExpectedItem) -> tuple[int, ...]:
        held = self._obligation(fault, expected)
        items = () if held is None else held.items
        return tuple(item.amount_fen for item in items if item.state is not ItemState.CANCELLED)

    def _obligation(self, fault: Fault, expected: ExpectedItem | ExpectedCase) -> Obligation | None:
        subject_id = self._id(fault, fault.number)
        night = self.remembered[expected.night]
        return night.obligations.get((expected.policy, str(subject_id), expected.period))


_KINDS = tuple(kind for kind in PeriodKind if kind is not PeriodKind.DECLARED)


def _subject(deployment: Deployment, fault: Fault, number: str | None) -> str | None:
    if number is None:
        return None
    with deployment.store.reading() as rx:
        return look_up(rx, deployment.seals, fault.kind, number)
