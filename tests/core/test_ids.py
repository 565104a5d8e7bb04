import base64
import hashlib
from pathlib import Path

import pytest

from core.ids import derive_id, file_digest, grant_id, item_id, lines_digest, obligation_id, text_digest


def test_an_id_is_a_function_of_its_words() -> None:
    """The same on every machine and every day: these very letters stand in ledgers."""
    assert derive_id("g", "policy", "subject", "") == "g_5vqgchdo7ubfy5zm"
    assert grant_id("policy", "subject", "") == "g_5vqgchdo7ubfy5zm"


@pytest.mark.parametrize("other", [("a", "b", ""), ("a", "bc"), ("ab", "c"), ("a", "", "b", "c"), ("A", "b", "c")])
def test_other_words_give_another_id(other: tuple[str, ...]) -> None:
    """Words cannot run into each other."""
    assert derive_id("x", "a", "b", "c") != derive_id("x", *other)


def test_each_record_has_its_own_prefix() -> None:
    """An id tells what it names."""
    assert [i.split("_")[0] for i in (grant_id("p", "s", "e"), obligation_id("g", "p", "c"), item_id("o", 1))] == list(
        "goi"
    )
    assert item_id("o", 1) != item_id("o", 2)


def test_digests(tmp_path: Path) -> None:
    """Of texts, lines and files; texts cannot run into each other."""
    (tmp_path / "file").write_text("a\nb\n")

    assert file_digest(tmp_path / "file") == lines_digest(["a", "b"]) == hashlib.sha256(b"a\nb\n").hexdigest()
    assert text_digest("ab", "c") != text_digest("a", "bc")
    assert text_digest() == hashlib.sha256().hexdigest()


@pytest.mark.parametrize("number", range(50))
def test_an_id_is_base_32(number: int) -> None:
    """RFC 4648 of the first ten bytes of the digest, in lower case."""
    digest = hashlib.sha256(f"a\x1f{number}".encode()).digest()[:10]

    assert derive_id("x", "a", str(number)) == f"x_{base64.b32encode(digest).decode().lower()}"
