"""What the list itself costs: `python -m tests.bench.peers.one_list SHAPE REGISTER OUT` tells CPU seconds, as JSON.

Whoever is asked for a list gathers the ids of those who are met and writes them; that is in everybody's figure, whatever the engine.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median

import polars as pl

from tests.bench.one_match import listed, met_by_hand, written
from tests.bench.shapes import SHAPES, policies

_TIMES = 3


def main() -> None:
    """List several times what was found before, and tell."""
    shape, register, out = sys.argv[1:]
    asked = policies(SHAPES[shape])
    found = met_by_hand(pl.scan_parquet(register), asked)
    taken = []
    for _ in range(_TIMES):
        begun = time.process_time()
        written(listed(found["subject_id"], found, asked), Path(out))
        taken.append(time.process_time() - begun)
    json.dump(median(taken), sys.stdout)


if __name__ == "__main__":
    main()
