"""The command line as a person or a script has it: words in, two streams and an exit code out.

`mianshen` calls it within the test's own process, `child` starts a process of its own, if asked for with less disk or
fewer rights than it needs.
"""

import hashlib
import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import cli
from commands import terminal

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
_MANIFEST = re.compile(r"(manifest: )[0-9a-f]{16}")  # it binds the instant of the run
_DATABASE = re.compile(r"mianshen\.db(-wal|-shm)?")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended; `peak_mib` is the most memory that a child held."""

    code: int
    out: str
    err: str
    peak_mib: int = 0

    @property
    def transcript(self) -> str:
        """Return both streams and the code as one text, without blanks at the ends of lines."""
        text = f"{self.out}--- standard error\n{self.err}--- exit {self.code}\n"
        return "".join(f"{line.rstrip()}\n" for line in _MANIFEST.sub(r"\1…", text).splitlines())


def mianshen(*words: object) -> Said:
    """Give words to the command line."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    terminal.out.width = terminal.WIDE  # as for a pipe, whatever the tests themselves run in
    before, sys.argv = sys.argv, ["mianshen", *map(str, words)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    return Said(code, out.getvalue(), err.getvalue())


def child(*words: object, file_kib_max: int | None = None, has_rights: bool = True) -> Said:
    """Give words to the command line in a process of its own.

    `file_kib_max` lets no file grow further; without its rights, not even a superuser may write where the rights of a
    folder forbid its owner to.
    """
    limits = [
        *(["--file-kib-max", str(file_kib_max)] if file_kib_max else []),
        *([] if has_rights else ["--no-rights"]),
    ]
    done = subprocess.run(
        [sys.executable, str(CHILD), *limits, "--", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    err, _, peak = done.stderr.rpartition("peak KiB: ")
    return Said(done.returncode, done.stdout, err, int(peak or 0) // 1024)


def files(root: Path) -> dict[str, str]:
    """Return the digest of every file below a folder, but for the database."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and not _DATABASE.fullmatch(path.name)]
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
