"""A tiny deployment for stories: a vocabulary of its own, rules in a few lines, and everything through the product.

Files are delivered, versions published, nights run and batches paid as in a real workspace, by a clock that the story
sets. A story names people by one letter.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from core.clock import FixedClock, civil_instant
from core.ledger import Act, ActKind, ItemState, Obligation
from core.workspace import init_workspace
from engine.deployment import Deployment
from engine.ledger_copy import LedgerCopy, read_ledger
from engine.lifecycle.suspending import Choice, resume, suspend
from engine.lifecycle.unplanned import Unplanned, publish_unplanned
from engine.loading import load_delivered
from engine.night import JOB
from engine.report import NightReport
from engine.run import NightOptions, run_night
from rules.bound import RuleVersion
from rules.reading import parse_version
from rules.standing import Activation
from store.activations import published_versions
from store.batches import read_batches, read_lines
from store.grants import read_grants, record_act
from store.opening import Store, open_store
from store.positions import read_obligations, read_positions
from store.runs import latest_published
from store.states.paying import BatchState
from store.vault_openings import look_up
from tests.same_night import limited_night_agrees
from tests.store.paying import answer, send
from tests.world_catalogue import CATALOGUE

POLICY = "care"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

RULE = """
policy: {policy}
item_code: "310118-{policy}"
title: {policy}
owner: 残联
basis: [{{doc: 测试, certainty: S}}]
subject: {subject}
region: "310118"
lane: {lane}
benefit: {benefit}
version: {version}
valid_from: 2020-01-01
criteria:
{criteria}
tariff:
{tariff}
terms: {terms}
excludes: {excludes}
caps: {caps}
guard: {guard}
examples:
{examples}
"""


def day(text: str) -> dt.date:
    """Return a day written as text."""
    return dt.date.fromisoformat(text)


def number_of(letter: str, born: str = "1970-01-01") -> str:
    """Return a made-up citizen number for a letter, with a right check digit."""
    stem = f"310118{born.replace('-', '')}{ord(letter) % 1000:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True)) % 11
    return stem + "10X98765432"[rest]


@dataclass(slots=True)
class World:
    """One workspace, its clock, and what a story may do to it."""

    deployment: Deployment
    clock: FixedClock
    root: Path
    numbers: dict[str, str] = field(default_factory=dict)
    looks_both_ways: bool = False  # every night is computed twice more: as it looks back, and looking at everything
    _files: int = 0

    @classmethod
    def at(cls, root: Path, more: dict[str, str] | None = None) -> "World":
        """Return a new world under a folder; `more` are files of its catalogue beside, or instead of, the usual ones."""
        workspace = init_workspace(root)
        for name, text in (CATALOGUE | (more or {})).items():
            (workspace.catalogue / name).write_text(text, "utf-8")
        clock = FixedClock(civil_instant(day("2024-12-01")))
        return cls(Deployment(workspace, open_store(workspace.database_url, clock=clock), clock), clock, root)

    @property
    def store(self) -> Store:
        """Return its database."""
        return self.deployment.store

    def number(self, letter: str) -> str:
        """Return somebody's number."""
        return self.numbers.setdefault(letter, number_of(letter))

    def deliver(
        self, resource: str, rows: Sequence[Mapping[str, object]], *, on: str, speaks_for: str | None = None
    ) -> None:
        """Deliver a whole file: `who` names the subject by letter; other keys are the file's columns.

        A cell `@a` stands for the number of a.
        """
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 9))
        columns = [column.name for column in self.deployment.catalogue.resources[resource].columns]
        table = [{name: self._cell(name, row) for name in columns} for row in rows]
        self._files += 1
        path = self.root / "inbox" / f"{resource}_{self._files}.csv"
        pl.DataFrame(table, schema=dict.fromkeys(columns, pl.String)).write_csv(path)
        load_delivered(self.deployment, path, resource=resource, data_date=day(speaks_for or on))

    def _cell(self, name: str, row: Mapping[str, object]) -> str | None:
        who, value = str(row.get("who", "")), row.get(name)
        if isinstance(value, str) and value.startswith("@"):
            return self.number(value[1:])
        match name:
            case "号码":
                return self.number(who)
            case "原号码":
                return self.number(str(row["former"]))
            case "姓名":
                return f"某{who}"
            case "账号":
                return f"62220000{ord(who):04d}" if value is None else str(value)
            case _:
                return None if value is None else str(value)

    def on(self, date: str) -> None:
        """Let it be the morning of a day, or a minute later."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(date), 10))

    def people(self, letters: str, *, on: str = "2025-01-01", **columns: str) -> None:
        """Deliver the register: residents of 310118 unless told otherwise."""
        base = {"出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01"}
        self.deliver("register", [base | {"who": letter} | columns for letter in letters], on=on)

    def rule(  # all by name; a rule has this many parts
        self,
        *,
        policy: str = POLICY,
        subject: str = "person",
        benefit: str = "cash",
        lane: str = "automatic",
        version: int = 1,
        criteria: str = "有证",
        remedy: str = "",
        amounts: Mapping[str, int] | str | int = 150,
        terms: str = "{period: month, pay: {calendar: monthly, day: 15}}",
        excludes: str = "[]",
        caps: str = "[]",
        lines: str | None = None,
        guard: str = "{}",
        example: str = "{有证: true}",
        stands_from: str = "2025-01-01",
        through: str | None = None,
        shadow_nights: int = 0,
        on: str = "2024-12-31",
    ) -> None:
        """Publish a version; `criteria` are parted by `;`, `amounts` go by condition, a text is an expression.

        All criteria name the same `remedy`, where there is one.

        `lines` are the lines of the tariff as a file has them.
        """
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 8))
        tariff = (
            amounts if isinstance(amounts, Mapping) else {"": f'"{amounts}"' if isinstance(amounts, str) else amounts}
        )
        lines = lines or "".join(
            f"  - {{{f'when: {when}, ' if when else ''}amount: {amount}}}\n" for when, amount in tariff.items()
        )
        named = f", remedy: {remedy}" if remedy else ""
        text = RULE.format(
            policy=policy,
            subject=subject,
            benefit=benefit,
            lane=lane,
            version=version,
            criteria="".join(
                f"  - {{id: c{place}, label: 条件{place}, when: '{when.strip()}'{named}}}\n"
                for place, when in enumerate(criteria.split(";"), start=1)
            ),
            tariff=lines,
            terms=terms,
            excludes=excludes,
            caps=caps,
            guard=guard,
            examples=f"  - {{name: 符合, day: 2025-06-15, facts: {example}, expect: {{outcome: met}}}}\n",
        )
        activation = Activation(
            policy, version, day(stands_from), day(through) if through else None, self.clock.instant
        )
        version_read = parse_version(text, self.deployment.catalogue, policy)
        self.publish([version_read], activation, shadow_nights=shadow_nights)

    def publish(self, versions: Sequence[RuleVersion], *activations: Activation, shadow_nights: int = 0) -> None:
        """Let activations stand by what two officers did, without the effect on anybody worked out."""
        how = Unplanned("officer", "second officer", "a story sets its own stage", shadow_nights)
        publish_unplanned(self.deployment, versions, activations, how)

    def published_text(self) -> str:
        """Return the text of the version published last."""
        with self.store.reading() as rx:
            return published_versions(rx)[-1].text

    def repeal(self, *, stands_from: str, on: str, policy: str = POLICY) -> None:
        """Repeal a policy."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 8))
        self.publish([], Activation(policy, None, day(stands_from), None, self.clock.instant, clears=True))

    def suspend(
        self, *, on: str, policy: str = POLICY, version: int | None = None, since: str | None = None, by: str = "first"
    ) -> None:
        """Have somebody stop a policy, a version of it, or an activation."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 15))
        stopped_from = day(since) if since else None
        suspend(self.deployment, Choice(policy, version), by=by, reason="a story", since=stopped_from)

    def resume(self, *, on: str, policy: str = POLICY, version: int | None = None, by: str = "second") -> None:
        """Have somebody else let it go on."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 16))
        resume(self.deployment, Choice(policy, version), by=by, reason="a story")

    def night(self, date: str, *, pays: bool = False) -> NightReport:
        """Run a night; on request what it froze is paid at once."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(date), 22))
        if self.looks_both_ways:
            limited_night_agrees(self.deployment, day(date))
        report = run_night(self.deployment, day(date), options=NightOptions(), progress=lambda _: None)
        self._copy_agrees()
        if pays:
            self.pay()
        return report

    def _copy_agrees(self) -> None:
        """Check what the next night would read by the copy that this one kept, and by nothing but the store."""
        with self.store.reading() as rx:
            latest = latest_published(rx, JOB)
            noted = LedgerCopy.of(latest.manifest if latest else None)
            read = read_ledger(rx, self.deployment.workspace.ledger_copies, noted)
            assert read.grants.equals(read_grants(rx))
            assert read.positions_where(None).equals(read_positions(rx))

    def pay(self) -> None:
        """Approve and send what is frozen, and have the bank confirm it."""
        with self.store.writing() as tx:
            for batch in read_batches(tx, states=[BatchState.FROZEN]):
                send(tx, batch.batch_id)
                answer(tx, batch.batch_id, paid=read_lines(tx, batch.batch_id)["item_id"].to_list())

    def act(self, who: str, kind: ActKind, *, on: str, policy: str = POLICY) -> None:
        """Record an act of somebody on their grant."""
        self.clock.instant = max(self.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 10))
        with self.store.writing() as tx:
            (grant_id,) = read_grants(tx, policy=policy, subjects=[self.subject(who)])["grant_id"]
            record_act(tx, Act(grant_id, kind, day(on), self.clock.now(), who))

    def subject(self, who: str) -> str:
        """Return somebody's opaque id as it stands now."""
        with self.store.reading() as rx:
            found = look_up(rx, self.deployment.seals, "person", self.number(who))
        assert found is not None
        return found

    def items(self, who: str, *, policy: str = POLICY, waiting: bool = True) -> dict[str, list[int]]:
        """Return the amounts, in yuan, of somebody's items that are not cancelled, by period; those on hold if asked."""
        found = self.items_fen(who, policy=policy, waiting=waiting)
        return {period: [fen // 100 for fen in amounts] for period, amounts in found.items()}

    def items_fen(self, who: str, *, policy: str = POLICY, waiting: bool = True) -> dict[str, list[int]]:
        """Return the same in fen."""
        found: dict[str, list[int]] = {}
        left_out = {ItemState.CANCELLED} if waiting else {ItemState.CANCELLED, ItemState.ON_HOLD}
        for obligation in self._obligations(who, policy):
            amounts = [item.amount_fen for item in obligation.items if item.state not in left_out]
            if amounts:
                found.setdefault(obligation.period, []).extend(amounts)
        return dict(sorted(found.items()))

    def states(self, who: str, *, policy: str = POLICY) -> dict[str, list[str]]:
        """Return the states of somebody's items, by period."""
        return {
            each.period: [item.state.value for item in each.items]
            for each in self._obligations(who, policy)
            if each.items
        }

    def cases(self, who: str, *, policy: str = POLICY) -> dict[str, int]:
        """Return somebody's open overpayment cases, in yuan, by period."""
        return {each.period: each.case_open_fen // 100 for each in self._obligations(who, policy) if each.case_open_fen}

    def _obligations(self, who: str, policy: str) -> list[Obligation]:
        subjects = {self.subject(who)}
        with self.store.reading() as rx:
            merged = rx.connection.execute(sa.text("select from_id, to_id from subject_merge")).all()
            subjects |= {former for former, present in merged if present in subjects}
            keys = read_positions(rx, policy=policy, subjects=sorted(subjects))["obligation_id"].to_list()
            return sorted(read_obligations(rx, keys), key=lambda each: (each.period, each.obligation_id))
