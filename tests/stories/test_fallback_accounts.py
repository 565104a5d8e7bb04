"""The department asked first knows no account, or the bank calls it closed: the next one's is paid to, and the sheet says so."""

import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from core.findings import Finding
from delivery.bank_verdicts import SAID_LINES
from delivery.codes import DeliveryCode
from engine.lanes.consent import Answering, GivenAccount, confirm
from engine.paying.answers import take_in
from engine.paying.sheets import sheet_of
from engine.report import NightReport
from pages.terminal.payouts import approval_sheet
from store.bank_lines import BankFileHead
from store.batches import read_batches, read_lines
from store.states.paying import BatchState
from tests.store.paying import send
from tests.world import World
from tests.world_catalogue import CATALOGUE, resource

LEVIES = resource(
    "levies", "社保缴费账户", "户名, type: text, role: name", "账号, type: text, role: account, rank: 2", owner="税务"
)
RANKED = {
    "resources/register.yaml": CATALOGUE["resources/register.yaml"].replace(
        "账号, type: text, role: account", "账号, type: text, role: account, optional: true, rank: 1"
    ),
    "resources/levies.yaml": LEVIES,
}
MONTHLY = "{period: month, counts: first_day, pay: {calendar: daily}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which the register knows accounts of a and c, the tax office those of a and b."""
    made = World.at(tmp_path / "w", RANKED)
    base = {"出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01"}
    accounts = {"a": "6222000000000001", "b": "", "c": "6222000000000003"}
    made.deliver("register", [base | {"who": who, "账号": accounts[who]} for who in "abc"], on="2025-01-01")
    levies = [{"who": who, "户名": f"某{who}", "账号": f"621700000000000{who}", "起": "2020-01-01"} for who in "ab"]
    levies = [each | {"账号": each["账号"].replace("a", "4").replace("b", "5")} for each in levies]
    made.deliver("levies", levies, on="2025-01-01")
    cards = [{"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"} for who in "abc"]
    made.deliver("cards", cards, on="2025-01-01")
    made.rule(terms=MONTHLY)
    yield made
    made.store.close()


def batch(world: World) -> str:
    """Return the batch that waits."""
    with world.store.reading() as rx:
        (found,) = read_batches(rx, states=[BatchState.FROZEN])
    return found.batch_id


def fallbacks(world: World) -> dict[str, tuple[str, str]]:
    """Return what the sheet of the batch that waits tells: account and why, by the kind of account."""
    lines = sheet_of(world.deployment, batch(world)).fallbacks
    return {
        account: (kind, why) for kind, account, why in lines.select("kind", "account_shown", "passed_over").iter_rows()
    }


def told(report: NightReport) -> dict[DeliveryCode, int | None]:
    """Return what a night found about accounts, with how many."""
    found: list[Finding] = [*report.findings]
    return {each.code: each.count for each in found if isinstance(each.code, DeliveryCode)}


def returned_as_closed(world: World) -> None:
    """Send the batch that waits; the bank calls the account ending in 0001 closed and pays the others."""
    key = batch(world)
    shut = world.subject("a")
    with world.store.writing() as tx:
        send(tx, key)
        lines = read_lines(tx, key)
    outcome = pl.when(pl.col("subject_id") == shut).then(pl.lit("failed")).otherwise(pl.lit("paid"))
    said = lines.select("reference", "amount_fen", outcome=outcome).with_row_index("line", offset=1)
    said = said.with_columns(reason_code=pl.when(pl.col("outcome") == "failed").then(pl.lit("02")))
    whole = pl.concat([SAID_LINES.to_frame(), said.cast({"line": pl.Int64})], how="diagonal")
    head = BankFileHead("back.txt", "returns", "agent-bank-bar@1", "sha-1")
    take_in(world.deployment, head, whole, by="paymaster", closing={"02"})


def test_who_has_no_account_at_the_first_department_is_paid_on_the_next(world: World) -> None:
    """The night tells how many, the sheet which kind of account, masked; nobody else is on it."""
    report = world.night("2025-01-05")
    shown = render(world)

    assert told(report)[DeliveryCode.FALLBACK_ACCOUNT] == 1
    assert fallbacks(world) == {"************0005": ("社保缴费账户", "missing")}
    assert "首选部门没有账户" in shown
    assert "************0005" in shown
    assert "6217" not in shown


def test_an_account_that_the_bank_calls_closed_is_passed_over_until_its_holder_names_it(world: World) -> None:
    """February goes to the tax office's; named by its holder, the account is right again and no fallback."""
    world.night("2025-01-05")
    returned_as_closed(world)
    world.night("2025-02-05")
    then = fallbacks(world)

    world.rule(
        version=2,
        lane="confirm",
        terms=MONTHLY.replace("pay:", "confirmation: {working_days: 9}, pay:"),
        on="2025-02-06",
    )
    world.on("2025-02-07")
    confirm(world.deployment, "care", world.number("a"), Answering("clerk"), GivenAccount("6222000000000001", "工行"))
    world.pay()
    world.night("2025-03-05")

    assert then["************0004"] == ("社保缴费账户", "closed")
    assert "************0005" in then
    assert list(fallbacks(world)) == ["************0005"]


def test_nothing_falls_back_when_two_departments_of_one_rank_disagree(world: World) -> None:
    """It waits, with its reason, for the holder's choice."""
    path = world.root / "catalogue" / "resources" / "levies.yaml"
    path.write_text(path.read_text("utf-8").replace("rank: 2", "rank: 1"), "utf-8")
    world.deployment.__dict__.pop("catalogue", None)
    report = world.night("2025-01-05")

    assert told(report)[DeliveryCode.SEVERAL_ACCOUNTS] == 1
    assert DeliveryCode.FALLBACK_ACCOUNT not in told(report)
    assert fallbacks(world) == {}


def render(world: World) -> str:
    """Return the approval sheet as a terminal shows it."""
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(approval_sheet(sheet_of(world.deployment, batch(world))))
    return console.export_text()
