"""One peer in a process of its own: `python -m tests.bench.peers.one_peer PEER SHAPE REGISTER OUT` tells what it took, as JSON.

The clock runs from the policies as trees to the list on disk; imports are outside of it. What is made of the policies alone is
told apart, because it does not grow with the register.
"""

import json
import sys
import time
from importlib import import_module, metadata
from pathlib import Path

from tests.bench.peaks import peak_mib
from tests.bench.peers.peer import PEERS
from tests.bench.shapes import SHAPES, policies


def main() -> None:
    """Match, and tell."""
    name, shape, register, out = sys.argv[1:]
    peer = PEERS[name]
    module, _, function = peer.made_by.partition(":")
    prepare = getattr(import_module(f"tests.bench.peers.{module}"), function)
    asked = policies(SHAPES[shape])
    marks = [(time.perf_counter(), time.process_time())]
    matched = prepare(asked)
    marks.append((time.perf_counter(), time.process_time()))
    matched(Path(register), Path(out))
    marks.append((time.perf_counter(), time.process_time()))
    (begun, cpu_begun), (ready, cpu_ready), (done, cpu_done) = marks
    told = {
        "prepared_seconds": ready - begun,
        "prepared_cpu": cpu_ready - cpu_begun,
        "matched_seconds": done - ready,
        "matched_cpu": cpu_done - cpu_ready,
        "peak_mib": peak_mib(),
        "version": metadata.version(peer.package[0]),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
