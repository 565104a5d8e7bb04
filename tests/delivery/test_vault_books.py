from pathlib import Path

from delivery.codes import DeliveryCode
from delivery.payees import obstacle
from store.vault_openings import read_openings
from tests.delivery.a_store import add_person, book, empty_store

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

        payee = book(store).payees([subject_id])[subject_id]

    assert (payee.payee_id, payee.name) == (subject_id, "张小三")
    assert [(each.number, each.bank) for each in payee.accounts] == [("0062220212345678", "中国工商银行")]


def test_the_name_is_that_of_who_knows_the_account(tmp_path: Path) -> None:
    """户名不符 is the commonest reason for a return: banks compare name and account."""
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "1", {"name": "張小三"}, resource="a_register")
        add_person(store, "1", {"name": "张小三", "account": "62220001"}, resource="cards")

        payee = book(store).payees([subject_id])[subject_id]

    assert payee.name == "张小三"


def test_accounts_of_two_departments_stand_in_the_way(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        subject_id = add_person(store, "1", {"name": "张小三", "account": "62220001"}, resource="cards")
        add_person(store, "1", {"account": "62220002"}, resource="pensions")

        payees = book(store).payees([subject_id])

    assert obstacle(payees[subject_id]) is DeliveryCode.SEVERAL_ACCOUNTS


def test_who_is_not_in_the_vault_is_left_out(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        assert book(store).payees(["s_nobody"]) == {}
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
        payee = book(store).payees([paid])[paid]
        with store.reading() as rx:
            openings = read_openings(rx)

    assert contacts[paid].accounts == {payee.account_digest: "尾号7890的账户"}
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
