import datetime as dt

import pytest
import sqlalchemy as sa

from core.ledger import Act, ActKind, Grant, GrantState
from store.codes import StoreInvariantError
from store.grants import GRANTS, apply_acts, grant_of, read_acts, read_grants, record_act
from store.opening import Store
from tests.store.worlds import CLOCK_START, DAY, open_grant, register


def test_grants_come_back_by_policy_and_by_subject(store: Store) -> None:
    """Each choice gives its own, in the order of ids, in the columns in which they were written."""
    a, b = register(store, "a", "b")
    with store.writing() as tx:
        keys = [open_grant(tx, subject, policy=policy) for subject in (a, b) for policy in ("p", "q")]

    with store.reading() as rx:
        every = read_grants(rx)
        assert every.schema == GRANTS
        assert every["grant_id"].to_list() == sorted(keys)
        assert set(read_grants(rx, policy="p")["policy"]) == {"p"}
        assert set(read_grants(rx, subjects=[b])["subject_id"]) == {b}
        assert grant_of(rx, keys[0]) == Grant(keys[0], "p", a, "", GrantState.ACTIVE, DAY)
        assert grant_of(rx, "g_none") is None


def test_acts_are_kept_in_the_order_they_were_recorded(store: Store) -> None:
    """A waiver and its revocation are two acts, both known for ever."""
    a, b = register(store, "a", "b")
    with store.writing() as tx:
        first, second = open_grant(tx, a), open_grant(tx, b)
        acts = [
            Act(first, ActKind.WAIVE, DAY, CLOCK_START, "a clerk"),
            Act(first, ActKind.REVOKE_WAIVER, DAY - dt.timedelta(days=1), CLOCK_START, "a clerk"),
            Act(second, ActKind.CONFIRM, DAY, CLOCK_START, "the subject"),
        ]
        for act in acts:
            record_act(tx, act)

    with store.reading() as rx:
        assert read_acts(rx, grants=[first]) == tuple(acts[:2])
        assert read_acts(rx, grants=[first, *map(str, range(50_000))]) == tuple(acts[:2])
        assert sorted(read_acts(rx), key=lambda act: act.kind) == sorted(acts, key=lambda act: act.kind)


def test_an_act_moves_its_grant_by_the_table(store: Store) -> None:
    """A waiver shows at once; that it was taken back shows after the next night, which knows whether anything is due."""
    (a,) = register(store, "a")
    with store.writing() as tx:
        key = open_grant(tx, a)
        waived = apply_acts(tx, [Act(key, ActKind.WAIVE, DAY, CLOCK_START, "a clerk", reason="x", is_assisted=True)])
        revoked = apply_acts(tx, [Act(key, ActKind.REVOKE_WAIVER, DAY, CLOCK_START, "a clerk")])

    with store.reading() as rx:
        assert (waived, revoked) == ({key: GrantState.WAIVED}, {key: GrantState.WAIVED})
        assert [(act.reason, act.is_assisted) for act in read_acts(rx)] == [("x", True), (None, False)]


def test_an_act_that_may_not_be_done_writes_nothing(store: Store) -> None:
    """Of two, one of which may not be, neither is done."""
    a, b = register(store, "a", "b")
    with store.writing() as tx:
        keys = [open_grant(tx, subject) for subject in (a, b)]
        apply_acts(tx, [Act(keys[0], ActKind.WAIVE, DAY, CLOCK_START, "a clerk")])

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        apply_acts(tx, [Act(key, ActKind.CHECK, DAY, CLOCK_START, "a clerk") for key in keys])

    with store.reading() as rx:
        assert len(read_acts(rx)) == 1


@pytest.mark.parametrize(("source", "target"), [("active", "proposed"), ("waived", "checked"), ("objected", "active")])
def test_the_database_refuses_a_state_that_may_not_follow(store: Store, source: str, target: str) -> None:
    """Whoever was active does not begin anew, and nobody passes over an open objection, whatever program writes it."""
    (a,) = register(store, "a")
    with store.writing() as tx:
        key = open_grant(tx, a)

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(
            sa.text("update grant_ set came_from = :source, state = :target where grant_id = :key"),
            {"source": source, "target": target, "key": key},
        )


def test_the_database_refuses_a_struck_line_without_a_reason(store: Store) -> None:
    """Why somebody is not paid is never left out."""
    (a,) = register(store, "a")
    with store.writing() as tx:
        key = open_grant(tx, a)

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        record_act(tx, Act(key, ActKind.STRIKE, DAY, CLOCK_START, "department"))
