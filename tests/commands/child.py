"""The command line in a process of its own, with less than it needs, and the peak of its memory at the end.

python child.py [--file-kib-max N] [--no-rights] -- COMMAND …
"""

import ctypes
import os
import resource
import sys
from pathlib import Path

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def main() -> None:
    """Take the limits, then run the command."""
    words, command = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    if "--no-rights" in words:
        words.remove("--no-rights")
        _give_up_rights()
        os.execv(sys.executable, [sys.executable, __file__, *words, "--", *command])  # noqa: S606  # ourselves
    if words:
        size = int(words[1]) * 1024
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    import cli

    sys.argv = ["mianshen", *command]
    try:
        cli.main()
    finally:
        sys.stdout.flush()
        sys.stderr.write(f"peak KiB: {_peak_kib()}")


def _give_up_rights() -> None:
    """Let the rights of files hold for a superuser too, from the next program on."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0, os.strerror(ctypes.get_errno())


def _peak_kib() -> int:
    """Return the peak of this program; what `getrusage` says begins with the peak of whoever started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


if __name__ == "__main__":
    main()
