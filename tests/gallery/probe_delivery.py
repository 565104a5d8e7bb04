"""Provokes the faults of delivery: pay days, batches and their files, letters and messages."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from core.clock import FixedClock
from core.errors import DeliveryError, RefusedError
from core.findings import Finding
from core.ledger import NoticeCategory
from core.settings import Channels
from core.workspace import init_workspace
from delivery.accounts import Account, PassedOver
from delivery.batches import collect
from delivery.channel_settings import channels_of
from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact
from delivery.dispatch import Dispatcher
from delivery.manners import Manners
from delivery.messages import compose
from delivery.notice_templates import read_templates
from delivery.payees import PAYEES
from delivery.payout_files import Form, read_back, render, write_payouts
from delivery.receipts import read_receipts
from delivery.working_days import WorkingDays, read_working_days
from engine.deployment import deployed
from engine.notice_desk import choose
from store.outbox import add_notices
from store.preferences import record_preference
from store.states.paying import BatchState
from tests.delivery import a_store, samples
from tests.store.worlds import notice_frame


def payout(folder: Path, case: dict[str, Any]) -> str:
    """Collect `items` (subject, amount_fen), payable to `payees` (subject, name, accounts); of subject 0 nobody knows.

    An account may be a `fallback` that some resource knows, or closed.
    """
    items = [
        samples.payable(
            item["subject"],
            item.get("amount_fen", 15_000),
            subject_id=f"s{item['subject']}" if item["subject"] else None,
        )
        for item in case["items"]
    ]
    known = [
        samples.payee(
            each["subject"], each.get("name", "张小三"), [Account(number, "") for number in each["accounts"]]
        ).with_columns(
            is_closed=pl.lit(each.get("is_closed", False)),
            resource=pl.lit(each.get("fallback"), pl.String),
            passed_over=pl.lit(PassedOver.MISSING.value if "fallback" in each else None, pl.String),
        )
        for each in case.get("payees", [])
    ]
    try:
        return shown(collect([samples.due(*items)], pl.concat([PAYEES.to_frame(), *known])).findings)
    except DeliveryError as error:
        return str(error)


def payout_file(folder: Path, case: dict[str, Any]) -> str:
    """Render a batch whose account has `changed`, read a `file`, or write an exported batch anew with other items."""
    batch = samples.batch(samples.payable(1))
    try:
        if "file" in case:
            read_back((folder / case["file"]).read_bytes(), Form.CSV, case["file"])
        elif "changed" in case:
            render(batch, samples.payee(1, accounts=[Account(case["changed"], "")]), Form.CSV)
        else:
            for fen in case["exported_with_fen"]:
                exported = replace(samples.batch(samples.payable(1, fen)), state=BatchState.EXPORTED)
                write_payouts(folder, exported, samples.payees(1), [Form.CSV])
    except DeliveryError as error:
        return str(error)
    return "no fault"


def holidays(folder: Path, case: dict[str, Any]) -> str:
    """Ask a calendar, with the table in `file` where there is one, about the holidays of `years`."""
    try:
        days = read_working_days(folder / case["file"], name=case["file"]) if "file" in case else WorkingDays()
    except DeliveryError as error:
        return str(error)
    return shown(days.findings(dt.date(year, 1, 1) for year in case["years"]))


def letters(folder: Path, case: dict[str, Any]) -> str:
    """Read the letters of a workspace, in `templates/`."""
    try:
        read_templates(folder / "templates")
    except DeliveryError as error:
        return str(error)
    return "no fault"


def letter(folder: Path, case: dict[str, Any]) -> str:
    """Write the letter of a notice with the `values` given."""
    notice = replace(samples.notice(), values=tuple(case["values"].items()))
    try:
        compose([notice], samples.contact(), read_templates())
    except DeliveryError as error:
        return str(error)
    return "no fault"


@dataclass(frozen=True)
class Answering:
    """A channel that gives one outcome for ever."""

    sent: Sent
    name: str = "email"
    is_repeatable: bool = False
    gives_receipts: bool = False

    def address(self, contact: Contact) -> str | None:
        """Return the e-mail address."""
        return contact.email

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Give the outcome."""
        return [self.sent] * len(envelopes)

    def close(self) -> None:
        """Have nothing to close."""


def dispatch(folder: Path, case: dict[str, Any]) -> str:
    """Send a message that waits for a `channel` so many `times`, over e-mail that always gives `outcome`."""
    fields = {"name": "张小三"} | ({"email": "zhang@example.org"} if case.get("has_email", True) else {})
    sent = Sent(Outcome(case["outcome"]), case.get("because"), is_address_bad=case.get("is_address_bad", False))
    channel = Answering(sent, gives_receipts=case.get("gives_receipts", False))
    with a_store.empty_store(folder) as store:
        person = a_store.add_person(store, "1", fields)
        notice = replace(samples.notice(subject_id=person), channel=case.get("channel", "email"))
        with store.writing() as tx:
            add_notices(tx, notice_frame(notice), run_id=None)
        if "declines" in case:
            with store.writing() as tx:
                category = NoticeCategory(case["declines"])
                record_preference(tx, person, category, is_wanted=False, by="clerk", reason="gallery")
        sender = Dispatcher(
            store, a_store.book(store), [channel], read_templates(), Manners(), "gallery", "gone".__eq__
        )
        report = sender.dispatch(1)
        for _ in range(case.get("times", 1) - 1):
            a_store.let_pass(store, hours=15)
            report = sender.dispatch(1)
        if case.get("plans_again"):
            with store.writing() as tx:
                add_notices(tx, notice_frame(replace(notice, notice_id="n_again")), run_id=None)
            report = sender.dispatch(1)
    return shown(report.findings)


def channels(folder: Path, case: dict[str, Any]) -> str:
    """Set up a gateway at `url`, where only `hosts` may be called."""
    gateway = {"url": case["url"], "key_id": "k", "secret": "s", "signature": "示例区"}
    try:
        channels_of(Channels.model_validate({"sms": gateway, "hosts": case["hosts"]}), folder)
    except DeliveryError as error:
        return str(error)
    return "no fault"


def receipts(folder: Path, case: dict[str, Any]) -> str:
    """Read the receipts in `file`."""
    try:
        read_receipts(folder / case["file"])
    except DeliveryError as error:
        return str(error)
    return "no fault"


def declining(folder: Path, case: dict[str, Any]) -> str:
    """Decline a `category` of notices."""
    workspace = init_workspace(folder / "w")
    with deployed(workspace.root, FixedClock(a_store.NOON)) as deployment:
        try:
            choose(deployment, "s_1", NoticeCategory(case["category"]), is_wanted=False, by="clerk", reason="gallery")
        except RefusedError as error:
            return str(error)
    return "no fault"


def shown(findings: Iterable[Finding]) -> str:
    """Return findings as the command line shows them."""
    return "\n".join(map(str, findings))


PROBES = {
    "payout": payout,
    "payout file": payout_file,
    "holidays": holidays,
    "letters": letters,
    "letter": letter,
    "dispatch": dispatch,
    "channels": channels,
    "receipts": receipts,
    "decline": declining,
}
