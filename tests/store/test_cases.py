from store.cases import read_cases
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store
from store.positions import read_obligations
from store.states.cases import CaseState
from store.states.funds import Account
from tests.store.worlds import later, open_grant, owe, posting, postings, register, seen


def _owe(store: Store) -> str:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        return owe(tx, open_grant(tx, subject), 100)


def _post(store: Store, key: str, *steps: tuple[Account, int, int]) -> None:
    with store.writing() as tx:
        version = read_obligations(tx, [key])[0].version
        rows = [posting(key, *step) for step in steps]
        write_ledger(tx, LedgerChanges(postings=postings(*rows), seen=seen(**{key: version})), run_id="r_1")


def _cases(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as rx:
        return read_cases(rx, states=frozenset(CaseState)).sort("number").select("number", "amount_fen", "state").rows()


def test_a_case_opens_changes_and_is_withdrawn(store: Store) -> None:
    """Its amount is what is still to be decided; a further excess opens a further case."""
    key = _owe(store)
    _post(store, key, (Account.CASE, 0, 60))
    assert _cases(store) == [(1, 60, "opened")]

    _post(store, key, (Account.CASE, 60, 40))
    assert _cases(store) == [(1, 40, "opened")]

    later(store, hours=1)
    _post(store, key, (Account.CASE, 40, 0))
    _post(store, key, (Account.CASE, 0, 10))
    assert _cases(store) == [(1, 0, "withdrawn"), (2, 10, "opened")]


def test_a_case_that_was_decided_is_recovered(store: Store) -> None:
    """It closes as what became of its money, not as withdrawn."""
    key = _owe(store)
    _post(store, key, (Account.CASE, 0, 60))
    _post(store, key, (Account.CASE, 60, 0), (Account.RECOVERED, 0, 60))

    assert _cases(store) == [(1, 0, "recovered")]
    with store.reading() as rx:
        (closed,) = read_cases(rx, states=[CaseState.RECOVERED]).iter_rows(named=True)
    assert closed["closed_at"] == store.clock.now()


def test_cases_of_some_subjects(store: Store) -> None:
    """A page sees its own subject's cases alone."""
    key = _owe(store)
    _post(store, key, (Account.CASE, 0, 60))
    with store.reading() as rx:
        (subject,) = read_cases(rx)["subject_id"]

        assert read_cases(rx, subjects=[subject])["obligation_id"].to_list() == [key]
        assert read_cases(rx, subjects=["s_other"]).is_empty()
