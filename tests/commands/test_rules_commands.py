"""Rule versions on the command line: checked, tested, listed, and on their way into force."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from core.errors import EXIT_CHANGES, EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNKNOWN, EXIT_USAGE
from engine.lifecycle.unplanned import Unplanned, plan_without_effect
from engine.planning.plan_file import read_plan, write_plan
from rules.reading import parse_version
from rules.standing import Activation
from tests.commands.terminal import Said, mianshen
from tests.world import World, day


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

        counts = "versions: 0; examples: 0; faults: 1; warnings: 0\n"
        for words, out in (
            (["check"], counts), (["check", path], counts), (["test"], ""), (["list"], ""),
            (["show", "care"], ""),
        ):  # fmt: skip
            said = mianshen("rules", *words, "-w", root)

            assert (said.code, said.out) == (EXIT_FINDINGS, out)
            assert re.match(r"\S*policies/care\.yaml:", said.err)
            assert "error[R204]" in said.err
            assert "`户籍`" in said.err

    def test_an_example_that_fails(self, root: Path) -> None:
        """Checking and testing tell it; handing it in is refused (`tests/engine/lifecycle/test_lifecycle.py`)."""
        path = root / "policies" / "care.yaml"
        path.write_text(path.read_text("utf-8").replace("outcome: met", "outcome: not_met"), "utf-8")

        check, test = (mianshen("rules", *words, "-w", root) for words in (["check"], ["test"]))

        assert [check.code, test.code] == [EXIT_FINDINGS] * 2
        assert check.out == "versions: 1; examples: 1; faults: 1; warnings: 1\n"
        assert all("error[R405]" in said.err for said in (check, test))

    def test_one_unreadable_file_keeps_no_other_from_being_checked(self, root: Path) -> None:
        """An author sees what is wrong with all files in one go; a file that is named is checked alone."""
        text = (root / "policies" / "care.yaml").read_text("utf-8")
        (root / "policies" / "other.yaml").write_text(text.replace("policy: care", "policies: care"), "utf-8")
        draft = root / "draft.yaml"
        draft.write_text(
            text.replace("policy: care", "policy: draft").replace("when: '有证'", "when: '有证 and not 有证'")
        )

        everything, one, alone = (mianshen("rules", "check", *words, "-w", root) for words in ([], ["care"], [draft]))

        assert everything.out == "versions: 1; examples: 1; faults: 2; warnings: 1\n"
        assert "error[Y106]" in everything.err
        assert (one.code, one.out) == (EXIT_DONE, "versions: 1; examples: 1; faults: 0; warnings: 1\n")
        assert alone.code == EXIT_FINDINGS
        assert re.search(r"draft\.yaml:\d+: error\[R308\]: the criterion `\w+` is never true", alone.err)
        assert mianshen("rules", "check", "crae", "-w", root).err.endswith("help: the nearest policy is `care`\n")


class TestDiff:
    """`mianshen rules diff`."""

    @pytest.fixture
    def files(self, world: World) -> tuple[Path, Path]:
        """Return a version and a raise, as files of the workspace."""
        old, new = (world.root / "policies" / name for name in ("care.yaml", "care2.yaml"))
        old.write_text(world.published_text(), "utf-8")
        new.write_text(world.published_text().replace("version: 1", "version: 2").replace("150", "180"), "utf-8")
        return old, new

    def test_every_way_to_name_two_versions(self, files: tuple[Path, Path]) -> None:
        """Two files, a policy and two numbers, or its newest two: the same answer."""
        old, new = files
        said = [
            mianshen("rules", "diff", *words, "-w", old.parent.parent)
            for words in ((old, new), ("care", 1, 2), ("care",))
        ]

        assert {each.code for each in said} == {EXIT_DONE}
        assert len({each.out for each in said}) == 1
        assert "放宽 widening" in said[0].out
        assert "符合 150.00 元 → 符合 180.00 元" in said[0].out

    def test_exit_codes(self, files: tuple[Path, Path]) -> None:
        """5 where something changed and that was asked for; 4 where something stays open; 2 for half a question."""
        old, new = files
        root = old.parent.parent
        codes = [
            mianshen("rules", "diff", *words, "--exit-code", "-w", root).code for words in ((old, new), (old, old))
        ]
        assert codes == [EXIT_CHANGES, EXIT_DONE]
        assert json.loads(mianshen("rules", "diff", old, new, "--json", "-w", root).out)["kind"] == "widening"

        new.write_text(new.read_text("utf-8").replace("period: month", "period: quarter"), "utf-8")
        assert mianshen("rules", "diff", old, new, "--strict", "-w", root).code == EXIT_UNKNOWN
        for words in (["care", "1"], [old], [old, "2"], ["care", "one", "two"]):
            assert mianshen("rules", "diff", *words, "-w", root).code in {EXIT_USAGE, EXIT_FINDINGS}


class TestIntoForce:
    """`mianshen rules submit`, `approve`, `return`, `withdraw`, and `mianshen apply`."""

    @pytest.fixture
    def plan(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Return the plan of a raise and of a repeal after it; the machine's clock is the story's."""
        monkeypatch.setattr("commands.terminal.SystemClock", lambda: world.clock)
        world.clock.instant += dt.timedelta(hours=1)
        path = world.root / "policies" / "care.yaml"
        path.write_text(world.published_text().replace("version: 1", "version: 2").replace("150", "180"), "utf-8")
        version = parse_version(path.read_text("utf-8"), world.deployment.catalogue, "care.yaml")
        standing = [Activation("care", 2, day("2025-01-01"), None, world.clock.instant)]
        standing.append(Activation("care", None, day("2025-07-01"), None, world.clock.instant, clears=True))
        made = plan_without_effect(world.deployment, [version], standing, Unplanned("author", "second", "a test"))
        write_plan(made, world.root / "raise.plan.json")
        return world.root / "raise.plan.json"

    @staticmethod
    def _say(plan: Path, *words: object) -> Said:
        return mianshen(*words, "-w", plan.parent)

    def test_all_the_way(self, plan: Path) -> None:
        """Submitted by one, approved by another, published; each says what it did."""
        digest = read_plan(plan).digest
        assert self._say(plan, "apply", plan, "--by", "officer").code == EXIT_REFUSED

        submitted = self._say(plan, "rules", "submit", plan, "--by", "clerk")
        assert (submitted.code, submitted.err) == (EXIT_DONE, "")
        assert submitted.out == f"submitted: fingerprint {digest[:16]}; another officer than clerk now approves it\n"

        approved = self._say(plan, "rules", "approve", "care", "2", "--by", "second", "--fingerprint", digest[:12])
        assert (approved.code, approved.err) == (EXIT_DONE, "")
        assert "追溯至 2025-01-01" in approved.out
        assert "废止" in approved.out
        assert approved.out.endswith(f"approved by second: fingerprint {digest}\n")

        done = self._say(plan, "apply", plan, "--by", "clerk")
        assert (done.code, done.err) == (EXIT_DONE, "")
        assert done.out == (
            "care: version 2 from 2025-01-01 through further notice\n"
            "care: repealed from 2025-07-01 through further notice\n"
        )
        assert "2025-01-01 至 2025-06-30" in self._say(plan, "rules", "list").out
        assert self._say(plan, "apply", plan, "--by", "clerk").code == EXIT_REFUSED

    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(["approve", "care", "--by", "author"], id="own-work"),
            pytest.param(["approve", "care", "--by", "clerk"], id="own-submission"),
            pytest.param(["approve", "care", "1", "--by", "second"], id="another-version"),
            pytest.param(["approve", "care", "--by", "second", "--fingerprint", "0000"], id="another-plan"),
            pytest.param(["approve", "crae", "--by", "second"], id="another-policy"),
            pytest.param(["return", "care", "--by", "second", "--reason", " "], id="no-reason"),
        ],
    )
    def test_refused(self, plan: Path, words: list[str]) -> None:
        """What may not be done changes nothing, and says what may."""
        self._say(plan, "rules", "submit", plan, "--by", "clerk")

        said = self._say(plan, "rules", *words)

        assert said.code == EXIT_REFUSED
        assert "help: " in said.err
        assert self._say(plan, "apply", plan, "--by", "clerk").code == EXIT_REFUSED
        assert self._say(plan, "rules", "approve", "care", "--by", "second").code == EXIT_DONE

    def test_sent_back_and_withdrawn(self, plan: Path) -> None:
        """The same plan may come again."""
        for verb, said in (("return", "care: returned to author\n"), ("withdraw", "care: withdrawn\n")):
            assert self._say(plan, "rules", "submit", plan, "--by", "clerk").code == EXIT_DONE
            done = self._say(plan, "rules", verb, "care", "--by", "second", "--reason", "not now")
            assert (done.code, done.out, done.err) == (EXIT_DONE, said, "")

    def test_a_plan_changed_by_hand(self, plan: Path) -> None:
        """What was signed is what the file says, to the letter."""
        plan.write_text(plan.read_text("utf-8").replace("180", "1800"), "utf-8")

        said = self._say(plan, "rules", "submit", plan, "--by", "clerk")

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert "error[E503]" in said.err
