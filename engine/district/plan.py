"""What a generated district consists of: files by delivery, what happens when, and which faults are planted.

Records only. A demo walks through `DistrictPlan.steps`; a test holds `faults` against what the nights found.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from profiles.codes import ProfileCode
from profiles.querying import Query
from rules.standing import Activation


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file as a department delivers it.

    `path` is relative to the plan's folder. For a database `query` says what to read from it. `data_date`
    is the day that the rows speak for, `delivered_at` the instant (UTC) from which they are known.
    """

    resource: str
    path: str
    delivered_at: dt.datetime
    data_date: dt.date
    format: Literal["csv", "xlsx", "parquet", "sqlite"]
    row_count: int
    encoding: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedNight:
    """One run: the day that it speaks for, and the instant (UTC) at which it is made."""

    business_date: dt.date
    run_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """A finding on a resource, or on an attribute where two sources disagree, from a day on."""

    code: ProfileCode
    resource: str
    attribute: str | None = None
    count: int = 1
    on: dt.date | None = None  # the day asked about, for what depends on it (staleness)


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """What a night has to say of the subject for one period of a policy."""

    policy: str
    night: dt.date
    period: str
    outcome: Literal["met", "not_met", "unknown"]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """What the items of one period have to add up to once a night is over; amounts in fen.

    `items` are the deltas in their order; an empty tuple says that nothing may be paid.
    """

    policy: str
    night: dt.date
    period: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExpectedCase:
    """An overpayment case that a night has to open; in fen."""

    policy: str
    night: dt.date
    period: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ExpectedSame:
    """Another number of the same subject; both have to lead to one ledger."""

    number: str


Expected = ExpectedFinding | ExpectedOutcome | ExpectedItem | ExpectedCase | ExpectedSame


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong in real life, planted once.

    `number` is the subject's citizen number or credit code, fictional; None where no subject can be named.
    """

    code: str
    title: str
    story: str
    kind: Literal["person", "enterprise"]
    number: str | None
    expected: tuple[Expected, ...]


PageGroup = Literal["已享", "可享", "待确认", "差一步", "待核", "不适用"]


@dataclass(frozen=True, slots=True)
class TrialAccount:
    """A login for the trial: the enterprise behind it, and in which group of its page some policies have to stand.

    The page is that of the last night, after its items were paid.
    """

    login: str
    number: str
    name: str
    groups: Mapping[str, PageGroup]


Step = DeliveredFile | Activation | PlannedNight


@dataclass(frozen=True, slots=True)
class DistrictPlan:
    """Everything about one generated district.

    `pay_days` are the days on which the trial's paymaster approves and sends what is due; the expected items and
    cases suppose that. An activation without a last day stands as long as its version was written for. `begins_on`
    is the first day of the benefits that are paid by the month.
    """

    folder: Path
    seed: int
    region: str
    people_count: int
    enterprise_count: int
    begins_on: dt.date
    files: tuple[DeliveredFile, ...]
    activations: tuple[Activation, ...]
    nights: tuple[PlannedNight, ...]
    pay_days: tuple[dt.date, ...]
    trial_accounts: tuple[TrialAccount, ...]
    faults: tuple[Fault, ...]

    @property
    def delivery_days(self) -> tuple[dt.date, ...]:
        """Return the days on which something is delivered, in order."""
        return tuple(sorted({dt.date.fromisoformat(file.path.split("/")[0]) for file in self.files}))

    def source(self, file: DeliveredFile) -> Path | Query:
        """Return where the rows of a delivery are read from."""
        path = self.folder / file.path
        if file.query is None:
            return path
        return Query(name=path.name, url=f"sqlite:///{path}", select=file.query)

    def steps(self) -> tuple[tuple[dt.datetime, Step], ...]:
        """Return everything that happens, each with its instant, in the order in which it happens."""
        steps: list[tuple[dt.datetime, Step]] = [(file.delivered_at, file) for file in self.files]
        steps += [(activation.activated_at, activation) for activation in self.activations]
        steps += [(night.run_at, night) for night in self.nights]
        return tuple(sorted(steps, key=lambda step: step[0]))

    def fault(self, code: str) -> Fault:
        """Return the fault with a code."""
        return next(fault for fault in self.faults if fault.code == code)
