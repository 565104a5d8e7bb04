import base64
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RunError
from core.keys import Keys, parse_keys
from profiles.identity import Seals, subject_id_of
from profiles.suites import SUITES, AesSuite, CryptoSuite, self_test

NAMES = tuple(SUITES)


def key(sign: str) -> str:
    """Return a key, as it stands in a key file."""
    return base64.b64encode(sign.encode() * 32).decode()


KEYS = parse_keys(f"index {key('i')}, k1 {key('1')}", "keys")
ROTATED = parse_keys(f"index {key('i')}, k1 {key('1')}, k2 {key('2')}", "keys")


@pytest.mark.parametrize("name", NAMES)
class TestSeals:
    """Both suites keep the same promises."""

    def test_what_is_sealed_opens(self, name: str) -> None:
        """And says nothing meanwhile; twice sealed is twice different."""
        seals = Seals(KEYS, name)
        first, second = (seals.seal("王芳", table="t", column="c", row="r") for _ in range(2))

        assert seals.open(first, table="t", column="c", row="r") == "王芳"
        assert first != second
        assert "王芳".encode() not in first

    @pytest.mark.parametrize(
        "moved",
        [{"table": "u"}, {"column": "d"}, {"row": "s"}, {"table": "t|c", "column": "r", "row": ""}],
        ids=["table", "column", "row", "all"],
    )
    def test_a_moved_value_does_not_open(self, name: str, moved: dict[str, str]) -> None:
        """A ciphertext copied into another row would otherwise give somebody another's account."""
        seals = Seals(KEYS, name)
        sealed = seals.seal("6222", table="t", column="c", row="r")

        with pytest.raises(RunError, match="E012"):
            seals.open(sealed, **({"table": "t", "column": "c", "row": "r"} | moved))

    def test_every_altered_byte_is_noticed(self, name: str) -> None:
        """Not one bit of it may change."""
        seals = Seals(KEYS, name)
        sealed = seals.seal("6222", table="t", column="c", row="r")

        for position in range(len(sealed)):
            altered = bytes([*sealed[:position], sealed[position] ^ 1, *sealed[position + 1 :]])
            with pytest.raises(RunError, match="E012"):
                seals.open(altered, table="t", column="c", row="r")

    @pytest.mark.parametrize("length", [0, 1, 2, 4, 20])
    def test_a_cut_value_does_not_open(self, name: str, length: int) -> None:
        """Nor may the rest be missing."""
        seals = Seals(KEYS, name)
        sealed = seals.seal("6222", table="t", column="c", row="r")

        with pytest.raises(RunError, match="E012"):
            seals.open(sealed[:length], table="t", column="c", row="r")

    def test_rotation(self, name: str) -> None:
        """The newest key seals, the others still open; the index stays."""
        before, after = Seals(KEYS, name), Seals(ROTATED, name)
        old = before.seal("王芳", table="t", column="c", row="r")
        new = after.seal("王芳", table="t", column="c", row="r")

        for sealed in (old, new, old):  # one after the other, by the same seals
            assert after.open(sealed, table="t", column="c", row="r") == "王芳"
        assert (after.is_current(old), after.is_current(new)) == (False, True)
        assert before.blind_index("person", "1") == after.blind_index("person", "1")
        assert before.index_name == after.index_name
        with pytest.raises(RunError, match="a value was sealed with the key `k2`, which is not here"):
            before.open(new, table="t", column="c", row="r")

    def test_the_other_suite_still_opens(self, name: str) -> None:
        """A change of suite loses nothing that was sealed; its index is another."""
        other = next(each for each in NAMES if each != name)
        sealed = Seals(KEYS, name).seal("王芳", table="t", column="c", row="r")
        changed = Seals(KEYS, other)

        for each in (sealed, changed.seal("王芳", table="t", column="c", row="r"), sealed):
            assert changed.open(each, table="t", column="c", row="r") == "王芳"
        assert not Seals(KEYS, other).is_current(sealed)
        assert Seals(KEYS, other).index_name != Seals(KEYS, name).index_name

    def test_many_are_as_one(self, name: str) -> None:
        """The quick way gives what the slow way opens."""
        seals = Seals(KEYS, name)
        texts = [str(number) for number in range(50)]
        sealed = seals.seal_many(texts, table="t", column="c", rows=texts)

        assert [seals.open(s, table="t", column="c", row=r) for s, r in zip(sealed, texts, strict=True)] == texts

    def test_many_of_several_keys_and_suites_are_opened_together(self, name: str) -> None:
        """After a rotation, or a change of suite, a column holds values of either, in any order; one that is not whole shows."""
        other = next(each for each in NAMES if each != name)
        sealers = [Seals(KEYS, name), Seals(ROTATED, name), Seals(KEYS, other), Seals(KEYS, name)]
        rows = [str(number) for number in range(len(sealers))]
        sealed = [by.seal(f"v{row}", table="t", column="c", row=row) for by, row in zip(sealers, rows, strict=True)]
        seals = Seals(ROTATED, name)

        assert seals.open_many(sealed, table="t", column="c", rows=rows) == ["v0", "v1", "v2", "v3"]
        assert seals.open_many([], table="t", column="c", rows=[]) == []
        with pytest.raises(RunError, match="E012"):
            seals.open_many([*sealed, sealed[0][:4]], table="t", column="c", rows=[*rows, "4"])

    def test_the_blind_index(self, name: str) -> None:
        """One number has one index per kind, and it needs the key."""
        seals = Seals(KEYS, name)
        stranger = Seals(parse_keys(f"index {key('j')}, k1 {key('1')}", "keys"), name)

        assert seals.blind_index("person", "1") == seals.blind_indexes("person", ["0", "1"])[1]
        assert len(seals.blind_index("person", "1")) == 16
        others = [
            seals.blind_index("household", "1"),
            seals.blind_index("person", "2"),
            stranger.blind_index("person", "1"),
        ]
        assert seals.blind_index("person", "1") not in others

    def test_the_standard_s_answers(self, name: str) -> None:
        """RFC 4231 and 8998, the GCM paper, and HMAC-SM3 as OpenSSL gives it."""
        self_test(SUITES[name])


@given(st.text(), st.sampled_from(NAMES))
def test_any_text_comes_back(text: str, name: str) -> None:
    """Names may hold any sign."""
    seals = Seals(KEYS, name)

    assert seals.open(seals.seal(text, table="t", column="c", row="r"), table="t", column="c", row="r") == text


def test_a_suite_that_miscomputes_is_refused() -> None:
    """A broken library must not seal a single name."""

    class Broken(AesSuite):
        def digests(self, key: bytes, messages: Iterable[bytes]) -> list[bytes]:
            return [digest[::-1] for digest in super().digests(key, messages)]

    broken: CryptoSuite = Broken()
    with pytest.raises(RunError, match="aes-256-gcm: error\\[E011\\]"):
        self_test(broken)


def test_a_subject_id_is_short_and_opaque() -> None:
    """Eighty bits of the index, in letters that can be read aloud; `core.ids` writes its ids alike."""
    index = Seals(KEYS, "aes-256-gcm").blind_index("person", "11010519491231002X")

    assert subject_id_of(index) == "s_" + base64.b32encode(index[:10]).decode().lower()
    assert len(subject_id_of(index)) == 18


def test_keys_do_not_show_themselves() -> None:
    """Not in a log, not in a debugger."""
    shown = repr(KEYS) + str(Keys("k1", {"k1": b"secret-secret"}))

    assert "secret" not in shown
    assert key("1") not in shown
