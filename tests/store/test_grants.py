import datetime as dt

from core.ledger import Act, ActKind, Grant, GrantState
from store.grants import GRANTS, grant_of, read_acts, read_grants, record_act
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
