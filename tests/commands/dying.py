"""The command line in a process that is killed at a given moment, as by a power cut.

python dying.py MODULE:FUNCTION NUMBER before|after -- COMMAND …
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Prepare the end, then run the command."""
    where, number, moment = sys.argv[1:4]
    module_name, _, name = where.partition(":")
    module = importlib.import_module(module_name)
    setattr(module, name, mortal(getattr(module, name), int(number), moment))
    import cli

    sys.argv = ["mianshen", *sys.argv[sys.argv.index("--") + 1 :]]
    cli.main()


def mortal(function: Callable[..., Any], number: int, moment: str) -> Callable[..., Any]:
    """Return a function whose nth call kills the process, before or after it does its work."""
    calls = 0

    def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # whatever it takes and gives
        nonlocal calls
        calls += 1
        if calls == number and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*given, **named)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


if __name__ == "__main__":
    main()
