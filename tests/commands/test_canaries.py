"""S3: a month through the commands, and nothing that stands for a person shows outside of what goes to the bank.

Numbers, names, accounts, phones and addresses of made-up people are looked for, as a reader of files would, in everything
that the month leaves behind and says: tables and workbooks are opened, and each encoding is tried.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from store.batches import read_batches
from tests.bank_files import lines_of, write_returns, write_statement
from tests.commands.terminal import Said, mianshen
from tests.commands.test_payouts_commands import PAY_DAY, _exported
from tests.world import World
from tests.world_catalogue import resource

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
REGISTER = resource(
    "register",
    "人口登记",
    "姓名, type: text, role: name",
    "账号, type: text, role: account",
    "邮箱, type: text, role: email, optional: true",
    "电话, type: text, role: phone, optional: true",
    "出生, type: date",
    "户籍, type: region",
)
TOLD_WORDS = (
    ("payouts", "list"), ("payouts", "exceptions"), ("audit", "list"), ("audit", "verify"), ("supervision", "list"),
    ("supervision", "policies"), ("supervision", "departments"), ("supervision", "points"), ("cases", "list"),
    ("grievances", "list"), ("notices", "list"), ("data", "list"), ("data", "check"), ("grants", "list"),
    ("waivers", "list"), ("budget", "show"), ("suspicions", "list"), ("roles", "list"),
)  # fmt: skip
EXEMPT = ("inbox", "payouts")
"""Where departments deliver, and what goes to the bank and comes from it; both are for their owner alone to read."""

ADDRESSED = ("outbox",)
"""A letter names its recipient's address, and nothing else of them."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world whose people have phones and addresses too."""
    made = World.at(tmp_path / "w", more={"resources/register.yaml": REGISTER})
    rows = [
        {"who": who, "出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01", "邮箱": f"canary{who}@example.org",
         "电话": _phone(who)}
        for who in "abc"
    ]  # fmt: skip
    made.deliver("register", rows, on="2025-01-01")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()


def _phone(who: str) -> str:
    return f"1390173{ord(who):04d}"


def _secrets(world: World) -> dict[str, str]:
    """Return what must not be seen, with what it is."""
    found: dict[str, str] = {}
    for who in "abc":
        found |= {world.number(who): "number", f"62220000{ord(who):04d}": "account", _phone(who): "phone"}
        found |= {f"某{who}": "name"}
    return found


def test_nobody_shows_in_what_a_month_leaves_and_says(world: World, tmp_path: Path) -> None:
    """Night, approval, export, the bank's word, an exception, audit and supervision; refusals too."""
    said: list[Said] = []

    def say(*words: object) -> Said:
        said.append(mianshen(*words, "-w", world.root))
        return said[-1]

    assert say("run", "--as-of", PAY_DAY).code == EXIT_DONE
    with world.store.reading() as rx:
        (batch,) = read_batches(rx)
    sent = _exported(world, batch.batch_id)
    say("payouts", "show", batch.batch_id)
    returns = write_returns(world.root.parent, sent, ["00"] * len(lines_of(sent)))
    content = returns.read_bytes()
    returns.write_bytes(content.replace(lines_of(sent)[0][3].encode(), b"6222029999999999", 1))
    say("payouts", "import", returns, "--by", "li")
    say("payouts", "import", write_statement(world.root.parent, sent), "--kind", "statement", "--by", "li")
    assert say("payouts", "reconcile", batch.batch_id, "--by", "li").code == EXIT_REFUSED
    say("payouts", "approve", batch.batch_id, "--hash", "0" * 12, "--by", "wang")
    for words in TOLD_WORDS:
        say(*words)
    say("audit", "export", "--out", tmp_path / "audit.jsonl")
    say("supervision", "list", "--xlsx", tmp_path / "supervision.xlsx")

    secrets = _secrets(world)
    told = "\n".join(each.out + each.err for each in said)
    assert {each.code for each in said} <= {EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED}, "every command is one"
    assert "Traceback" not in told
    assert [kind for secret, kind in secrets.items() if secret in told] == []
    assert "example.org" not in told
    leaks = [
        (path.relative_to(tmp_path).as_posix(), kind)
        for path in sorted(tmp_path.rglob("*"))
        if path.is_file() and path.parent != tmp_path and path.relative_to(world.root).parts[0] not in EXEMPT
        for kind in _leaks(path, secrets)
    ]
    leaks += [(path.name, kind) for path in tmp_path.glob("audit*") for kind in _leaks(path, secrets)]
    leaks += [(path.name, kind) for path in tmp_path.glob("supervision*") for kind in _leaks(path, secrets)]
    assert leaks == []


def _leaks(path: Path, secrets: dict[str, str]) -> set[str]:
    """Return the kinds of secrets that a file shows to whoever opens it."""
    parts = list(_opened(path))
    return {
        kind
        for secret, kind in secrets.items()
        for encoding in ("utf-8", "gb18030", "utf-16-le")
        if any(secret.encode(encoding) in part for part in parts)
    }


def _opened(path: Path) -> Iterator[bytes]:
    """Give a file's bytes, and what stands in it where it is packed."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        yield pl.read_parquet(io.BytesIO(data)).write_json().encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(each) for each in archive.namelist())


def test_what_is_looked_for_is_found(tmp_path: Path) -> None:
    """A secret in a table, in a workbook and in another encoding is seen."""
    secrets = {"13901730097": "phone", "某a": "name"}
    pl.DataFrame({"x": ["13901730097"]}).write_parquet(tmp_path / "x.parquet")
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", "<c>某a</c>")
    (tmp_path / "x.txt").write_bytes("某a".encode("gb18030"))

    assert [_leaks(tmp_path / f"x.{kind}", secrets) for kind in ("parquet", "xlsx", "txt")] == [
        {"phone"}, {"name"}, {"name"},
    ]  # fmt: skip
