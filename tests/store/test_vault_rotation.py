import polars as pl
import pytest

from core.errors import RunError
from profiles.identity import Seals
from store.opening import Store
from store.vault import StoredVault
from store.vault_openings import look_up, open_personal
from store.vault_rotation import rotate_vault
from tests.store.worlds import LOAD, later, register, seals


def _fill(store: Store) -> str:
    (subject,) = register(store, "old")
    later(store, days=1)
    with store.writing() as tx:
        vault = StoredVault(tx, seals())
        fields = pl.DataFrame({"subject_id": [subject], "field": ["name"], "value": ["甲"]})
        vault.keep("person", fields, load=LOAD, loaded_at=tx.now)
        pairs = pl.DataFrame({"former": ["old"], "present": ["new"]})
        vault.add_aliases("person", pairs, load=LOAD, at=tx.now)
    return subject


def _rotate(store: Store, to: Seals) -> int:
    with store.writing() as tx:
        return rotate_vault(tx, to)


def _answers(store: Store, by: Seals, subject: str) -> tuple[list[str], list[str | None]]:
    with store.writing() as tx:
        opened = open_personal(tx, by, [subject], ["name", "number"], by="officer", why="a test")
        return opened["value"].to_list(), [look_up(tx, by, "person", number) for number in ("old", "new")]


@pytest.mark.parametrize(
    ("to", "count"),
    [
        pytest.param(seals(), 0, id="nothing-new"),
        pytest.param(seals("k1", "k2"), 3, id="a-new-sealing-key"),
        pytest.param(seals(index=9), 3, id="a-new-index-key"),
        pytest.param(seals("k1", "k2", index=9), 3, id="both"),
    ],
)
def test_everything_opens_under_the_new_keys(store: Store, to: Seals, count: int) -> None:
    """Ids stay, numbers are found, values open; a second rotation changes nothing."""
    subject = _fill(store)

    assert _rotate(store, to) == count
    assert _rotate(store, to) == 0
    assert _answers(store, to, subject) == (["甲", "new"], [subject, subject])


def test_the_former_key_may_be_destroyed_after_a_rotation(store: Store) -> None:
    """Nothing is left under it."""
    subject = _fill(store)
    _rotate(store, seals("k1", "k2"))

    only_new = Seals(
        seals("k1", "k2")._keys.__class__(
            "k2", {n: s for n, s in seals("k1", "k2")._keys._secrets.items() if n != "k1"}
        ),
        "aes-256-gcm",
    )
    assert _answers(store, only_new, subject)[0] == ["甲", "new"]


def test_a_rotation_that_fails_changes_nothing(store: Store) -> None:
    """Without the former key the values cannot be opened; the vault stays as it was."""
    subject = _fill(store)

    with pytest.raises(RunError):
        _rotate(store, seals("k9"))

    assert _answers(store, seals(), subject) == (["甲", "new"], [subject, subject])
