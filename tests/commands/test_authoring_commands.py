"""What officers do with rule files on the command line."""

import io
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from tests.commands.terminal import mianshen
from tests.world import World


class TestExample:
    """`mianshen rules example`."""

    @pytest.fixture
    def draft(self, world: World) -> Path:
        """Return the file of a version that nobody published."""
        path = world.root / "policies" / "care2.yaml"
        path.write_text(world.published_text().replace("version: 1", "version: 2"), "utf-8")
        return path

    def test_printed_and_appended(self, world: World, draft: Path) -> None:
        """The block goes to standard output, what was done about it to standard error."""
        words = [
            "rules",
            "example",
            "care",
            "--from",
            world.number("a"),
            "--on",
            "2025-06-30",
            "--by",
            "officer",
            "-w",
            world.root,
        ]
        before = draft.read_bytes()
        block = "  - name: 实际情形（已脱敏）：符合\n    day: 2025-06-30\n    facts: {有证: true}\n    expect: {outcome: met, amount: 150}\n"

        said = mianshen(*words)
        assert (said.code, said.out, said.err) == (EXIT_DONE, block, "脱敏：没有可识别个人的数值\n")
        assert draft.read_bytes() == before

        said = mianshen(*words, "--add")
        assert (said.code, said.out) == (EXIT_DONE, block)
        assert said.err.endswith(f"appended to {draft}\n")
        assert block in draft.read_text("utf-8")
        assert mianshen("rules", "check", "care", "-w", world.root).code == EXIT_DONE

    def test_nobody_and_nothing(self, world: World, draft: Path) -> None:
        """A number that nobody has, a policy that is none, a published text: each says so, and nothing is written."""
        before = draft.read_bytes()
        (world.root / "policies" / "care1.yaml").write_text(world.published_text(), "utf-8")
        known = world.number("a")
        asked = {
            ("care", "--from", "310118197001010000"): EXIT_FINDINGS,
            ("crae", "--from", known): EXIT_FINDINGS,
            ("care", 1, "--from", known, "--add"): EXIT_REFUSED,
        }

        for words, code in asked.items():
            said = mianshen("rules", "example", *words, "-w", world.root)
            assert (said.code, said.out) == (code, "")
            assert "310118197001010000" not in said.err
        assert draft.read_bytes() == before


class TestGuide:
    """`mianshen rules guide`."""

    @pytest.fixture
    def root(self, world: World) -> Path:
        """Return the workspace with the published rule as a file."""
        (world.root / "policies" / "care.yaml").write_text(world.published_text(), "utf-8")
        return world.root

    def test_one_page_and_a_folder(self, root: Path, tmp_path: Path) -> None:
        """Written anew each time; the paths are told."""
        page, folder = tmp_path / "care.html", tmp_path / "guides"

        for _ in range(2):
            said = mianshen("rules", "guide", "care", "--out", page, "-w", root)
            assert (said.code, said.out, said.err) == (EXIT_DONE, f"{page}\n", "")
        assert "2025-01-01起" in page.read_text("utf-8")
        assert mianshen("rules", "guide", "--out", folder, "--public", "-w", root).out.split() == [
            f"{folder / name}" for name in ("index.html", "care.html")
        ]
        assert [each.name for each in sorted(folder.iterdir())] == ["care.html", "index.html"]

    def test_a_place_that_cannot_be_written(self, root: Path, tmp_path: Path) -> None:
        """A file stands where a folder is wanted: nothing is written, and the place is named."""
        (tmp_path / "file").write_text("mine", "utf-8")

        said = mianshen("rules", "guide", "care", "--out", tmp_path / "file" / "care.html", "-w", root)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert "error[R606]" in said.err
        assert (tmp_path / "file").read_text("utf-8") == "mine"


class TestTables:
    """`mianshen rules export` and `import`."""

    def test_out_edited_and_back(self, world: World, tmp_path: Path) -> None:
        """What changed is shown, where the new version stands is said, and what its examples say of it."""
        (world.root / "policies" / "care.yaml").write_text(world.published_text(), "utf-8")
        book = tmp_path / "care.xlsx"

        said = mianshen("rules", "export", "care", "--to", book, "-w", world.root)
        assert (said.code, said.out) == (EXIT_DONE, f"care version 1: {book}\n")
        assert "没有改动" in mianshen("rules", "import", book, "-w", world.root).out
        opened = openpyxl.load_workbook(book)
        opened["标准"]["C2"] = 180
        opened.save(book)

        said = mianshen("rules", "import", book, "--from", "2026-01-01", "-w", world.root)

        assert said.code == EXIT_DONE
        assert "error[" not in said.err
        assert "其余 → 150" in said.out
        assert "+version: 2" in said.out
        assert said.out.endswith(f"新版本 {world.root / 'policies' / '2.yaml'}\n")
        assert "valid_from: 2026-01-01" in (world.root / "policies" / "2.yaml").read_text("utf-8")
        text = tmp_path / "care.yaml"
        assert mianshen("rules", "export", "care", 1, "--to", text, "-w", world.root).code == EXIT_DONE
        assert text.read_text("utf-8") == world.published_text()
        assert mianshen("rules", "export", "care", 1, "--to", text, "-w", world.root).code == EXIT_REFUSED


class TestNew:
    """`mianshen rules new`, typed line by line."""

    LINES = (
        *("护理补贴", "care-new", "310118-CL-7", "个人", "310118", "残联", "", "2025-07-01", "", "", ""),
        *("某文件", "一", "", "I", ""),
        *("等级", "不高于", "2", "重度", "", "", ""),
        *("等级", "为", "1", "350", "", "", "180", ""),
        *("", "3", "", "", "", "", ""),
    )

    def typed(self, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
        """Let lines come on standard input."""
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    def test_a_file_that_checks(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Asked, shown and confirmed; the file stands under its code, and passes its checks."""
        self.typed(monkeypatch, *self.LINES, "")

        said = mianshen("rules", "new", "-w", world.root)

        path = world.root / "policies" / "care-new" / "1.yaml"
        assert (said.code, said.err) == (EXIT_DONE, "")
        assert said.out.endswith(f"\n{path}\n")
        assert "等级略高于2（等级 3）：不符合（重度）" in said.out
        assert "- name: 等级恰为2" in path.read_text("utf-8")
        checked = mianshen("rules", "check", "care-new", "-w", world.root)
        assert checked.code == EXIT_DONE, checked.err

    def test_who_stops_leaves_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The end of input, at any question."""
        before = sorted(world.root.rglob("policies/**/*"))

        for count in (0, 1, 10, 20, len(self.LINES) - 1):
            self.typed(monkeypatch, *self.LINES[:count])
            said = mianshen("rules", "new", "-w", world.root)
            assert (said.code, said.err.strip()) == (EXIT_FINDINGS, "stopped: nothing was written")
        assert sorted(world.root.rglob("policies/**/*")) == before

    def test_a_code_that_was_ever_published_is_taken(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Though its file is gone."""
        self.typed(monkeypatch, "护理补贴", "care")

        said = mianshen("rules", "new", "-w", world.root)

        assert "已有代码为“care”的事项" in said.out
        assert said.code == EXIT_FINDINGS
