"""What departments, disks and authors do wrong: one clear finding, the right code, and nothing half written."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from core.errors import EXIT_DONE, EXIT_FINDINGS
from tests.commands.terminal import Said, child, files, mianshen
from tests.world import World

NIGHT = "2025-01-31"
DAY = "20250731"
ARREARS = "{period: month, arrears: {months: 3}, pay: {calendar: monthly, day: 15}}"
BIG_BYTES = 1_000_000_000
BIG_MIB_MAX = 400  # of memory; the interpreter with its libraries needs 120 of them, whatever is loaded
LONG = "备注" * 1700  # a remark that nobody declared, about ten thousand bytes


def content(world: World) -> tuple[dict[str, str], list[str]]:
    """Return what a workspace holds: its files by digest, and its database row by row."""
    with world.store.reading() as rx:
        below = rx.connection.connection.driver_connection
        assert below is not None
        return files(world.root), list(below.iterdump())


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> bytes:
    """Write a workbook and return its bytes."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path.read_bytes()


def _cards(number: str, level: str = "1", start: str = "2020-01-01") -> str:
    return f"号码,等级,发证,起,止\n{number},{level},2020-01-01,{start},2029-12-31\n"


def _broken_off(world: World, path: Path) -> None:
    path.write_text(_cards(world.number("a")).removesuffix("-31\n")[:-12], "utf-8")


def _quote_left_open(world: World, path: Path) -> None:
    path.write_text(_cards(world.number("a"), level='"1'), "utf-8")


def _broken_workbook(world: World, path: Path) -> None:
    whole = workbook(path, [line.split(",") for line in _cards(world.number("a")).splitlines()])
    path.write_bytes(whole[: len(whole) // 2])


def _numbers_as_numbers(world: World, path: Path) -> None:
    head, row = (line.split(",") for line in _cards(world.number("a")).splitlines())
    workbook(path, [head, [int(row[0]), *row[1:]]])


def _another_encoding(world: World, path: Path) -> None:
    path.write_bytes(_cards(world.number("a")).encode("utf-8") * 20 + b"\xff\xfe\x80")


def _another_table(world: World, path: Path) -> None:
    path.write_text("a,b\n1,2\n", "utf-8")


def _missing_column(world: World, path: Path) -> None:
    path.write_text(_cards(world.number("a")).replace("发证", "发证日"), "utf-8")


def _wrong_type(world: World, path: Path) -> None:
    path.write_text(_cards(world.number("a"), level="一级"), "utf-8")


def _picture(world: World, path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


def _nothing(world: World, path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (_broken_off, ": error[P204]: the file ends inside a row\n  help: deliver it again"),
        (_quote_left_open, ":2: error[P204]: the file ends inside a quoted cell\n  help: "),
        (_broken_workbook, ": error[P208]: the workbook is damaged or incomplete\n  help: open and save it again"),
        (_numbers_as_numbers, ": warning[P210]: 1 row: `号码` is a long number that a spreadsheet has cut\n  help: "),
        (_another_encoding, ":41: error[P203]: the text is not UTF-8\n  help: deliver it again as UTF-8"),
        (_another_table, ": error[P205]: none of the 5 declared columns of `cards` is in the header\n  help: "),
        (_missing_column, ": error[P205]: the column `发证` is missing\n  help: the nearest column is `发证日`"),
        (_wrong_type, ": warning[P224]: 1 row: `等级` cannot be read as its type\n  help: "),
        (_picture, ": error[P203]: the file holds bytes that no text holds\n  help: deliver CSV, XLSX or Parquet"),
        (_nothing, ": error[P202]: the file is empty\n  help: deliver it again"),
    ],
)
def test_a_file_that_cannot_be_loaded(
    world: World, tmp_path: Path, spoil: Callable[[World, Path], None], fault: str
) -> None:
    """The finding names the file, the line where there is one, and what to do; nothing is kept, nobody is quoted."""
    path = tmp_path / f"cards_{DAY}.csv"
    spoil(world, path)
    before = content(world)

    said = mianshen("data", "load", path, "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert f"{path.name}{fault}" in said.err
    assert world.number("a")[:15] not in said.err
    assert content(world) == before


def test_rows_that_cannot_be_taken_wait_aside(world: World, tmp_path: Path) -> None:
    """One bad row among good ones is kept back with its reason, told at once and whenever it is asked for."""
    path = tmp_path / f"cards_{DAY}.csv"
    path.write_text(_cards(world.number("a")) + _cards(world.number("b"), level="二级").split("\n")[1], "utf-8")

    said = mianshen("data", "load", path, "-w", world.root)
    shown = mianshen("data", "show", "cards", "-w", world.root)

    assert (said.code, said.out) == (EXIT_DONE, "cards  2025-07-31  已载入 loaded  1/2  隔离 quarantined 1\n")
    assert "warning[P224]: 1 row: `等级` cannot be read as its type" in said.err
    assert re.search(r"P224 +不能按规定类型读取 +等级 +1 +2 *\n", shown.out)


def test_a_gigabyte(world: World, tmp_path: Path) -> None:
    """Memory follows the rows that are kept, not the size of the file."""
    path = tmp_path / f"dibao_{DAY}.csv"
    rows = "".join(f"{world.number(letter)},{LONG}\n" for letter in "abcdefghijklmnopqrstuvwxyz").encode()
    with path.open("wb") as file:
        file.write("号码,备注\n".encode())
        while file.tell() < BIG_BYTES:
            file.write(rows * 100)

    said = child("data", "load", path, "-w", world.root)

    path.unlink()  # before anybody keeps the folder
    assert said.code == EXIT_DONE
    assert said.out.startswith("dibao  2025-07-31  已载入 loaded  26/")
    assert said.peak_mib < BIG_MIB_MAX


NOTHING_CHECKED = "versions: 0; examples: 0; faults: 1; warnings: 0\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)
)


@pytest.mark.parametrize(
    ("file", "words", "place"),
    [
        ("policies/bomb.yaml", "rules check", "policies/bomb.yaml:1"),
        ("catalogue/attributes/bomb.yaml", "data list", "catalogue/attributes/bomb.yaml:1"),
        ("catalogue/attributes/bomb.yaml", f"run --as-of {NIGHT}", "catalogue/attributes/bomb.yaml:1"),
    ],
)
def test_an_alias_bomb(world: World, file: str, words: str, place: str) -> None:
    """Ten to the sixteenth words in some lines: told from the first anchor, before anything is built."""
    (world.root / file).write_text(BOMB, "utf-8")

    said = child(*words.split(), "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, NOTHING_CHECKED if words == "rules check" else "")
    assert said.err.startswith(f"{place}: error[Y104]: anchors and aliases are not allowed\n  help: ")
    assert said.peak_mib < BIG_MIB_MAX


class TestFullDisk:
    """No file can grow further, as on a full disk: the system refuses the write itself."""

    @pytest.mark.parametrize("kib", [8, 40, 80, 160])
    def test_while_loading(self, world: World, tmp_path: Path, kib: int) -> None:
        """Wherever it stops, nothing of the load is kept; with room, the same command does it."""
        path = people(tmp_path, 1500)
        before = content(world)
        world.store.close()  # so that its log is empty

        said = child("data", "load", path, "-w", world.root, file_kib_max=kib)
        held = content(world)
        again = mianshen("data", "load", path, "-w", world.root)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert re.search(r"error\[(E307|P214)\]: .*\n  help: make room", said.err), said.err
        assert held == before
        assert (again.code, again.out) == (EXIT_DONE, "register  2025-07-31  已载入 loaded  1,500/1,500\n")

    @pytest.mark.parametrize("kib", [4, 60, 200])
    def test_while_a_night_is_run(self, world: World, tmp_path: Path, kib: int) -> None:
        """Wherever it stops, no grant, item or notice is written; with room, the night is run as if for the first time."""
        world.rule(policy="all", criteria='within(户籍, "310118")', example='{户籍: "310118"}', terms=ARREARS)
        assert mianshen("data", "load", people(tmp_path, 200), "-w", world.root).code == EXIT_DONE
        before = ledger(world)
        world.store.close()  # so that its log is empty

        said = child("run", "--as-of", NIGHT, "-w", world.root, file_kib_max=kib)
        held = ledger(world)
        again = mianshen("run", "--as-of", NIGHT, "-w", world.root)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert re.search(r"error\[(E307|E007)\]: .*\n  help: make room", said.err), said.err
        assert held == before
        assert (again.code, again.out.splitlines()[0]) == (EXIT_DONE, f"{NIGHT} 已发布 published")
        assert re.search(r"\n all +200 ", again.out)


_SAYS_WHAT_WAS_TRIED = tuple(f'INSERT INTO "{table}"' for table in ("run", "vault_opening", "audit_entry"))


def ledger(world: World) -> set[str]:
    """Return the rows of the database, but for those that tell of what was tried: runs, openings of the vault, the audit chain."""
    _, rows = content(world)
    return {row for row in rows if not row.startswith(_SAYS_WHAT_WAS_TRIED)}


def people(folder: Path, count: int) -> Path:
    """Deliver a register of made-up residents."""
    path = folder / f"register_{DAY}.csv"
    lines = "".join(_resident(number) for number in range(count))
    path.write_text(f"号码,姓名,账号,邮箱,出生,户籍,起,止\n{lines}", "utf-8")
    return path


def _resident(number: int) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    stem = f"310118{1950 + number % 50}{number % 12 + 1:02d}{number // 50 % 28 + 1:02d}{number % 1000:03d}"
    sign = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(stem, weights, strict=True)) % 11]
    return f"{stem}{sign},某某,622200{number:06d},,1970-01-01,310118,2000-01-01,\n"


class TestNoRight:
    """A folder or a file whose rights keep its own owner from writing."""

    @pytest.mark.parametrize(
        ("closed", "words", "fault"),
        [
            ("snapshots/cards", "data load {file}", "cards: error[P214]: the load cannot be written: permission denied"),
            ("inbox", "data load", "inbox: error[E007]: the inbox cannot be read: permission denied"),
            ("runs", "run --as-of 2025-01-31", "runs: error[E007]: the night cannot be written: permission denied"),
            (".", "run --as-of 2025-01-31", "mianshen.db: error[E306]: the database refuses to let us write"),
            (".", "data load {file}", "mianshen.db: error[E306]: the database refuses to let us write"),
        ],
    )  # fmt: skip
    def test_a_folder(self, world: World, tmp_path: Path, closed: str, words: str, fault: str) -> None:
        """The folder is named; nothing is written, and nothing is left locked."""
        path = tmp_path / f"cards_{DAY}.csv"
        path.write_text(_cards(world.number("a")), "utf-8")
        for delivered in (world.root / "inbox").iterdir():
            delivered.unlink()
        (world.root / "inbox" / path.name).write_bytes(path.read_bytes())
        before = ledger(world), files(world.root)
        world.store.close()
        folder = world.root / closed
        mode = folder.stat().st_mode

        folder.chmod(0o000 if closed == "inbox" else 0o500)
        try:
            said = child(*words.format(file=path).split(), "-w", world.root, has_rights=False)
        finally:
            folder.chmod(mode)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert fault in said.err
        assert "help: " in said.err
        assert (ledger(world), files(world.root)) == before
        assert mianshen(*words.format(file=path).split(), "-w", world.root).code == EXIT_DONE

    def test_payout_files_that_cannot_be_written(self, world: World) -> None:
        """The night is published and says so; the failure has its place and its code, and the next night writes them."""
        world.store.close()
        (world.root / "payouts").chmod(0o500)
        night = ["run", "--as-of", "2025-02-17", "-w", world.root]

        said = child(*night, has_rights=False)
        (world.root / "payouts").chmod(0o700)
        again = mianshen("run", "--as-of", "2025-02-18", "-w", world.root)

        assert said.code == EXIT_FINDINGS
        assert said.out.startswith("2025-02-17 已发布 published\n")
        assert "payouts: error[E007]: payout files cannot be written: permission denied\n  help: " in said.err
        assert again.code == EXIT_DONE
        assert len(list((world.root / "payouts").rglob("*.xlsx"))) == 1

    @pytest.mark.parametrize("file", ["keys", "workspace.toml", "catalogue/subjects.yaml"])
    def test_a_file(self, world: World, tmp_path: Path, file: str) -> None:
        """A file that may not be read is named."""
        path = tmp_path / f"cards_{DAY}.csv"
        path.write_text(_cards(world.number("a")), "utf-8")
        (world.root / file).chmod(0o000)

        said = child("data", "load", path, "-w", world.root, has_rights=False)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert f"{file}: error[" in said.err


def test_the_child_is_limited(tmp_path: Path) -> None:
    """The limits of these tests hold: else what they see would be no proof."""
    (tmp_path / "closed").mkdir(mode=0o500)

    no_right = child("init", tmp_path / "closed" / "w", has_rights=False)
    no_room: Said = child("init", tmp_path / "w", file_kib_max=1)

    assert "w: error[E007]: the workspace cannot be written: permission denied" in no_right.err
    assert no_room.code == EXIT_FINDINGS
