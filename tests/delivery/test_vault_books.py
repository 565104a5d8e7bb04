from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from delivery.accounts import PassedOver
from delivery.payees import account_digests, obstacle
from delivery.receiving import CONFIRMED, Ranks
from delivery.vault_books import payee_keys
from store.closed_accounts import mark_closed
from store.opening import Store
from store.vault_openings import read_openings
from tests.delivery.a_store import add_person, book, empty_store, seals

PERSON = {
    "name": "张小三",
    "account": "0062220212345678",
    "bank": "中国工商银行",
    "email": "z@example.org",
    "phone": "13812345678",
}


def test_a_payee_is_the_subject_with_its_account(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "310118199001011234", PERSON)

        payee = book(store).payee(subject_id)

    assert (payee.payee_id, payee.name) == (subject_id, "张小三")
    assert [(each.number, each.bank) for each in payee.accounts] == [("0062220212345678", "中国工商银行")]


def test_the_name_is_that_of_who_knows_the_account(tmp_path: Path) -> None:
    """户名不符 is the commonest reason for a return: banks compare name and account."""
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "1", {"name": "張小三"}, resource="a_register")
        add_person(store, "1", {"name": "张小三", "account": "62220001"}, resource="cards")

        payee = book(store).payee(subject_id)

    assert payee.name == "张小三"


def test_accounts_of_two_departments_stand_in_the_way(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "1", {"name": "张小三", "account": "62220001"}, resource="cards")
        add_person(store, "1", {"account": "62220002"}, resource="pensions")

        payees = book(store).payees([subject_id])

    assert in_the_way(payees) == ["SEVERAL_ACCOUNTS"]


def test_who_is_not_in_the_vault_is_left_out(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        assert book(store).payees(["s_nobody"]).is_empty()
        assert book(store).contacts(["s_nobody"]) == {}


def test_a_contact_knows_whether_its_name_is_public(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        person = add_person(store, "1", PERSON)
        firm = add_person(store, "2", {"name": "某某公司"}, kind="enterprise")

        contacts = book(store).contacts([person, firm])

    assert (contacts[person].greeting, contacts[person].email, contacts[person].phone) == (
        "张*三",
        "z@example.org",
        "13812345678",
    )
    assert (contacts[firm].greeting, contacts[firm].email) == ("某某公司", None)


def test_accounts_are_opened_only_for_whom_they_are_asked(tmp_path: Path) -> None:
    """S3: as little as the letter needs; the account is known by the digest that its payment kept, and shown by its end."""
    with empty_store(tmp_path) as store:
        paid = add_person(store, "1", PERSON | {"account": "6222 0212 3456 7890"})
        other = add_person(store, "2", PERSON | {"account": "6222021234560000"})

        contacts = book(store).contacts([paid, other], with_accounts={paid, "s_nobody"})
        payee = book(store).payees([paid]).row(0, named=True)
        with store.reading() as rx:
            openings = read_openings(rx)

    assert contacts[paid].accounts == {payee["account_digest"]: "尾号7890的账户"}
    assert contacts[other].accounts == {}
    assert openings["fields"].to_list()[:2] == ["email,name,phone", "account,email,name,phone"]


def test_every_opening_is_recorded(tmp_path: Path) -> None:
    """S3, 个人信息保护法 51: who looked, at what, and why."""
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "1", PERSON)
        book(store).payees([subject_id])
        book(store).contacts([subject_id])

        with store.reading() as rx:
            openings = read_openings(rx)

    assert openings["because"].to_list() == ["payout", "notice"]
    assert openings["fields"].to_list() == ["account,bank,holder,name", "email,name,phone"]
    assert openings["opened_by"].to_list() == ["test", "test"]


RANKS = Ranks({"basic": 1, "levies": 2}, {"basic": "enterprise", "levies": "enterprise"})


def firm(store: Store, **accounts: str) -> str:
    """Put a firm into the vault, with an account by each resource; return its id."""
    found = [
        add_person(
            store,
            "91310000MA1FL00018",
            {"name": f"某某公司{resource}", "account": number, "bank": "工行"},
            kind="enterprise",
            resource=CONFIRMED if resource == "named" else resource,
        )
        for resource, number in accounts.items()
    ]
    return found[0]


def paid_to(store: Store, firm_id: str) -> pl.DataFrame:
    """Return who receives for a firm."""
    return replace(book(store), ranks=RANKS).payees([firm_id])


def in_the_way(payees: pl.DataFrame) -> list[str | None]:
    """Return why payees cannot be paid."""
    return payees.select(obstacle().alias("why"))["why"].to_list()


def said(payees: pl.DataFrame, *names: str) -> tuple[object, ...]:
    """Return the number of the one account of one payee, and what stands under some names."""
    (accounts,) = payees["accounts"]
    return (accounts[0]["number"], *payees.select(names).row(0))


def close(store: Store, *numbers: str) -> None:
    """Have a bank call accounts closed."""
    keyed = partial(payee_keys, seals())
    with store.writing() as tx:
        mark_closed(tx, [(digest, "02") for digest in account_digests(numbers, keyed)])


def test_a_firm_is_paid_on_its_basic_account_and_else_on_the_next(tmp_path: Path) -> None:
    """The name goes with the account that is taken; a closed one is passed over, and when all are, nothing is paid."""
    with empty_store(tmp_path) as store:
        firm_id = firm(store, basic="62220001", levies="62220002")
        first = paid_to(store, firm_id)
        close(store, "62220001")
        then = paid_to(store, firm_id)
        close(store, "62220002")
        last = paid_to(store, firm_id)

    assert said(first, "name", "passed_over") == ("62220001", "某某公司basic", None)
    assert said(then, "name", "resource") == ("62220002", "某某公司levies", "levies")
    assert then["passed_over"].to_list() == [PassedOver.CLOSED]
    assert then["digest"][0] != first["digest"][0]
    assert in_the_way(last) == ["ACCOUNT_CLOSED"]


def test_the_account_that_a_firm_named_beats_both(tmp_path: Path) -> None:
    """It is no fallback; closed, it waits for another word of the firm and nobody falls back behind its back."""
    with empty_store(tmp_path) as store:
        firm_id = firm(store, basic="62220001", levies="62220002", named="62220003")
        named = paid_to(store, firm_id)
        close(store, "62220003")
        closed = paid_to(store, firm_id)

    assert said(named, "passed_over") == ("62220003", None)
    assert in_the_way(closed) == ["ACCOUNT_CLOSED"]


def test_ranks_are_of_the_kind_of_subject(tmp_path: Path) -> None:
    """A person's only account is no fallback because firms have ranks."""
    with empty_store(tmp_path) as store:
        person = add_person(store, "1", PERSON)
        found = replace(book(store), ranks=RANKS).payees([person])

    assert (in_the_way(found), found["passed_over"].to_list()) == ([None], [None])
