"""Payments that look like others, before they are frozen."""

import polars as pl

from core.findings import Finding
from delivery.accounts import Account
from delivery.batches import collect
from delivery.suspicions import HOLDERS, RECENT, SuspicionKind, Watch, short, suspicion_id
from store.money_waits import FOR_A_LOOK
from tests.delivery.samples import POLICY, account, due, payable, payee


def holders(*subjects: str, number: int = 1) -> pl.DataFrame:
    """Return who received on an account before."""
    digest = payee(number, accounts=[account(1)])["account_digest"][0]
    rows = pl.DataFrame({"digest": [digest] * len(subjects), "subject_id": list(subjects)})
    return rows.select(account=short(pl.col("digest")), subject_id="subject_id").cast(HOLDERS)


def on_one_account(*numbers: int, watch: Watch) -> tuple[list[str], list[Finding]]:
    """Collect for subjects with one account; return who is in the batch, and what is told of suspicions."""
    payees = pl.concat(
        payee(number, name=f"张{number}", accounts=[Account(account(1).number, "")]) for number in numbers
    )
    collected = collect([due(*(payable(number) for number in numbers))], payees, watch)
    lines = pl.concat([batch.lines["subject_id"] for batch in collected.batches]) if collected.batches else pl.Series()
    return sorted(lines), [each for each in collected.findings if str(each.code) in {"E692", "E693", "E694"}]


def test_a_couple_shares_an_account() -> None:
    """Two are usual; a third, though paid years ago by another policy, is not."""
    few = on_one_account(1, 2, watch=Watch(holders_most=2))
    many = on_one_account(1, 2, watch=Watch(holders_most=2, holders=holders("s9")))

    assert few == (["s1", "s2"], [])
    (finding,) = many[1]
    assert many[0] == ["s1", "s2"]
    assert "2 payments: an account on which more than 2 receive" in str(finding)


def test_what_a_setting_holds_stays_open_and_waits_for_a_look() -> None:
    """Until somebody has cleared it; the others are paid."""
    watch = Watch(holders_most=1, holders=holders("s9"), held=frozenset({SuspicionKind.ACCOUNT}))

    paid, (finding,) = on_one_account(1, watch=watch)

    assert paid == []
    assert "left open" in str(finding)
    key = holders("s9")["account"][0]
    cleared = Watch(
        holders_most=1,
        holders=holders("s9"),
        held=frozenset({SuspicionKind.ACCOUNT}),
        cleared=frozenset({suspicion_id(SuspicionKind.ACCOUNT, key)}),
    )
    assert on_one_account(1, watch=cleared) == (["s1"], [])


def test_held_payments_are_listed() -> None:
    """As waiting for a look, since their pay day."""
    watch = Watch(holders_most=1, holders=holders("s9"), held=frozenset({SuspicionKind.ACCOUNT}))
    payees = payee(1, accounts=[account(1)])

    collected = collect([due(payable(1))], payees, watch)

    assert collected.waits["because"].to_list() == [FOR_A_LOOK]
    assert collected.suspects["kind"].to_list() == ["account"]


def test_the_same_name_and_sum() -> None:
    """Under another subject within the days, of policies whose names are compared; another sum is another payment."""
    one, other = payee(1, name="青浦某有限公司"), payee(2, name="青浦某有限公司")
    recent = pl.DataFrame([(other["name_digest"][0], 15_000, "s2")], schema=RECENT, orient="row")
    same = Watch(recent=recent, days=30, named=frozenset({POLICY}))

    told = [
        [str(each.code) for each in collect([due(payable(1, fen))], one, watch).findings]
        for fen, watch in ((15_000, same), (14_999, same), (15_000, Watch(recent=recent, days=30)))
    ]

    assert told == [["E693"], [], []]


def test_who_is_paid_again_is_not_suspected_of_it() -> None:
    """The same subject's last month is no other payment."""
    recent = pl.DataFrame([(payee(1)["name_digest"][0], 15_000, "s1")], schema=RECENT, orient="row")

    collected = collect([due(payable(1))], payee(1), Watch(recent=recent, days=30, named=frozenset({POLICY})))

    assert collected.findings == ()
