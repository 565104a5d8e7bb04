"""The laws of money on PostgreSQL; on SQLite they are tried more often (`tests.laws.test_money`)."""

from typing import ClassVar

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.laws.test_money import Money
from tests.store.postgresql import empty


def test_the_laws_of_money_hold_on_postgresql(postgresql: str) -> None:
    """The same machine beside the same model, with the same invariants after every step."""

    class OnPostgresql(Money):
        url: ClassVar[str | None] = postgresql

        def __init__(self) -> None:
            empty(postgresql)
            super().__init__()

    run_state_machine_as_test(OnPostgresql, settings=settings(max_examples=6, stateful_step_count=40))
