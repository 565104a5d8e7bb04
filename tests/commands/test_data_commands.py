"""Making a workspace and loading into it: what goes to which stream, and how it ends."""

from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from core.workspace import FOLDERS
from tests.commands.terminal import files, mianshen
from tests.trial_world import TrialWorld
from tests.world import World


class TestInit:
    """`mianshen init`."""

    def test_a_workspace_is_made_and_then_left_alone(self, tmp_path: Path) -> None:
        """The second time completes what is missing and changes nothing."""
        root = tmp_path / "[new] :smile:"
        made = mianshen("init", root, "--name", 'a "quoted" \\ 区')
        before = files(root)

        again = mianshen("init", root)

        assert made.out.startswith(f"workspace {root}: ")
        assert (made.code, made.err, again.code, again.err) == (EXIT_DONE, "", EXIT_DONE, "")
        assert files(root) == before
        assert all((root / folder).is_dir() for folder in FOLDERS)
        assert mianshen("rules", "list", "-w", root).code == EXIT_DONE

    def test_a_region_that_is_none_makes_nothing(self, tmp_path: Path) -> None:
        """Nothing half made is left."""
        said = mianshen("init", tmp_path / "new", "--region", "31")

        assert said.code == EXIT_FINDINGS
        assert "error[E005]: `region`" in said.err
        assert "help: expected a code of GB/T 2260" in said.err
        assert list(tmp_path.iterdir()) == []

    def test_somebody_elses_folder(self, tmp_path: Path) -> None:
        """A folder that holds something else is refused."""
        (tmp_path / "letter.txt").write_text("mine", "utf-8")

        said = mianshen("init", tmp_path)

        assert (said.code, said.out) == (EXIT_REFUSED, "")
        assert "error[E006]" in said.err
        assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]

    def test_bare(self, tmp_path: Path) -> None:
        """Without the shipped catalogue and policies."""
        said = mianshen("init", tmp_path / "w", "--bare")

        assert said.out == f"workspace {tmp_path / 'w'}: 0 files of the library; settings in workspace.toml\n"


class TestDataLoad:
    """`mianshen data load`."""

    def test_the_inbox(self, world: World) -> None:
        """Everything delivered is loaded; what was sealed after loading, or is not for us, is not."""
        inbox = world.root / "inbox"
        for path in inbox.iterdir():
            path.unlink()
        (inbox / "dibao_20250731.csv").write_text(f"号码\n{world.number('a')}\n", "utf-8")
        (inbox / "dibao_20250630.csv.sealed").write_bytes(b"sealed")
        (inbox / ".dibao_20250630.csv.sealed.4711").write_bytes(b"half sealed")

        said = mianshen("data", "load", "-w", world.root)

        assert (said.code, said.out, said.err) == (EXIT_DONE, "dibao  2025-07-31  已载入 loaded  1/1\n", "")

    def test_an_empty_inbox(self, world: World) -> None:
        """Silence would look like success."""
        for path in (world.root / "inbox").iterdir():
            path.unlink()

        said = mianshen("data", "load", "-w", world.root)

        assert (said.code, said.out, said.err) == (EXIT_DONE, "", "nothing to load: the inbox is empty\n")

    def test_one_bad_file_does_not_keep_the_others(self, world: World, tmp_path: Path) -> None:
        """Each file is loaded by itself; one that failed makes the command fail."""
        good, bad = tmp_path / "dibao_20250731.csv", tmp_path / "dibao_20250831.csv"
        good.write_text(f"号码\n{world.number('a')}\n", "utf-8")
        bad.write_text("身份证\n1\n", "utf-8")

        said = mianshen("data", "load", bad, good, "-w", world.root)

        assert said.code == EXIT_FINDINGS
        assert said.out == "dibao  2025-07-31  已载入 loaded  1/1\n"
        assert said.err.startswith("dibao_20250831.csv: error[P205]")

    def test_the_same_file_again(self, world: World, tmp_path: Path) -> None:
        """Known already: nothing is done, and that is no failure; confirmed, it stands once more."""
        path = tmp_path / "dibao_20250731.csv"
        path.write_text(f"号码\n{world.number('a')}\n", "utf-8")
        said = [mianshen("data", "load", path, *more, "-w", world.root) for more in ([], [], ["--confirm"])]

        assert [each.code for each in said] == [EXIT_DONE] * 3
        assert ["known already" in each.out for each in said] == [False, True, False]
        assert "warning[P215]" in said[1].err

    @pytest.mark.parametrize(
        ("words", "code", "fault"),
        [
            (["nothing_20250731.csv"], "P105", "unknown resource `nothing`\n  help: known: "),
            (["none_20250731.csv", "-r", "dibao"], "P201", "the file cannot be read: No such file or directory"),
            (["dibao.csv"], "P212", "nobody says which day the file speaks for"),
            (["--select", "select 1"], "P220", "a database and a query go together\n  help: give `--database` too"),
            (["dibao.csv", "--database", "x", "--select", "y"], "P220", "files and a query are loaded one after the other"),
        ],
    )  # fmt: skip
    def test_what_is_missing(self, world: World, tmp_path: Path, words: list[str], code: str, fault: str) -> None:
        """The message says what is missing and how it is given."""
        (tmp_path / "dibao.csv").write_text("号码\n", "utf-8")
        (tmp_path / "nothing_20250731.csv").write_text("号码\n", "utf-8")
        given = [str(tmp_path / word) if word.endswith(".csv") else word for word in words]

        said = mianshen("data", "load", *given, "-w", world.root)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert f"error[{code}]: {fault}" in said.err


def test_data_check_has_findings(district: TrialWorld) -> None:
    """Exit 1 where something keeps facts unknown, 0 where there are only warnings."""
    stale = mianshen("data", "check", "--on", "2025-09-30", "-w", district.root)
    fresh = mianshen("data", "check", "--on", "2025-08-25", "-w", district.root)

    assert (stale.code, stale.out) == (EXIT_FINDINGS, "findings: 6; those that keep facts unknown: 1\n")
    assert (fresh.code, fresh.out.endswith("those that keep facts unknown: 0\n")) == (EXIT_DONE, True)
