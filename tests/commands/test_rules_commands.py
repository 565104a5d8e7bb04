"""Rule versions on the command line: checked, tested, listed, published and repealed."""

from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED, EXIT_USAGE
from tests.commands.terminal import mianshen
from tests.world import World


class TestRules:
    """`mianshen rules`."""

    @pytest.fixture
    def root(self, world: World) -> Path:
        """Return the workspace with the published rule as a file."""
        (world.root / "policies" / "care.yaml").write_text(world.published_text(), "utf-8")
        return world.root

    def test_a_fault_of_a_file(self, root: Path) -> None:
        """A text is compared with a number: no command takes the file; each says the line and the word."""
        path = root / "policies" / "care.yaml"
        path.write_text(path.read_text("utf-8").replace("when: '有证'", "when: '户籍 == 5'"), "utf-8")

        for words in (["check"], ["test"], ["list"], ["show", "care"], ["publish", "care", "1"]):
            said = mianshen("rules", *words, "-w", root)

            assert (said.code, said.out) == (EXIT_FINDINGS, "")
            assert said.err.startswith("policies/care.yaml:")
            assert "error[R204]" in said.err
            assert "`户籍`" in said.err

    def test_an_example_that_fails(self, root: Path) -> None:
        """Checking and testing tell it, publishing refuses it."""
        path = root / "policies" / "care.yaml"
        path.write_text(path.read_text("utf-8").replace("outcome: met", "outcome: not_met"), "utf-8")

        check, test, publish = (
            mianshen("rules", *words, "-w", root) for words in (["check"], ["test"], ["publish", "care", "1"])
        )

        assert [check.code, test.code, publish.code] == [EXIT_FINDINGS] * 3
        assert check.out == "versions: 1; examples: 1; faults: 1; warnings: 0\n"
        assert all("error[R405]" in said.err for said in (check, test, publish))
        assert publish.out == ""

    def test_publishing_and_repealing(self, root: Path) -> None:
        """The list then says on which days the version stands."""
        raised = root / "policies" / "care2.yaml"
        raised.write_text((root / "policies" / "care.yaml").read_text("utf-8").replace("version: 1", "version: 2"))

        assert "未发布" in mianshen("rules", "list", "-w", root).out
        said = mianshen("rules", "publish", "care", 2, "--from", "2025-07-01", "-w", root)
        assert (said.code, said.out) == (EXIT_DONE, "care: version 2 from 2025-07-01 through further notice\n")
        assert "2025-01-01 至 2025-06-30" in mianshen("rules", "list", "-w", root).out

        said = mianshen("rules", "publish", "care", "--repeal", "--from", "2025-05-01", "-w", root)
        assert (said.code, said.out) == (EXIT_DONE, "care: repealed from 2025-05-01 through further notice\n")
        listed = mianshen("rules", "list", "-w", root).out
        assert "2025-01-01 至 2025-04-30" in listed
        assert "已被取代或废止" in listed

    def test_another_text_under_a_published_number(self, root: Path) -> None:
        """What was published is never edited: refused."""
        path = root / "policies" / "care.yaml"
        path.write_text(path.read_text("utf-8").replace("amount: 150", "amount: 180"), "utf-8")

        said = mianshen("rules", "publish", "care", 1, "-w", root)

        assert (said.code, said.out) == (EXIT_REFUSED, "")
        assert "help: " in said.err

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["care"], EXIT_FINDINGS),
            (["care", "9"], EXIT_FINDINGS),
            (["crae", "1"], EXIT_FINDINGS),
            (["care", "--repeal"], EXIT_FINDINGS),
            (["care", "1", "--from", "2025-07-01", "--through", "2025-06-30"], EXIT_FINDINGS),
            (["care", "1", "--repeal", "--from", "2025-07-01"], EXIT_USAGE),
            (["care", "--repeal", "--from", "2025-07-01", "--through", "2025-08-01"], EXIT_USAGE),
            (["care", "1", "--from", "01.07.2025"], EXIT_USAGE),
        ],
    )
    def test_what_cannot_be_meant(self, root: Path, words: list[str], code: int) -> None:
        """Nothing is published on half an instruction."""
        before = mianshen("rules", "list", "-w", root).out

        said = mianshen("rules", "publish", *words, "-w", root)

        assert (said.code, said.out) == (code, "")
        assert "help: " in said.err or code == EXIT_USAGE
        assert mianshen("rules", "list", "-w", root).out == before
