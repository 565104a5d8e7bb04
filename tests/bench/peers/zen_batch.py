"""zen-engine: one decision with an expression for each policy, asked of many subjects at a time.

Unknown facts are null, and a condition asks first whether its fact is null. Days are whole numbers: its own dates are slower.
"""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl
import zen

from tests.bench.one_match import written
from tests.bench.peers.conditions import OPPOSITE, Condition, Policies, codes_in, folded

_BATCH = 1_000
_EPOCH = dt.date(1970, 1, 1)


def prepared(asked: Policies) -> Callable[[Path, Path], None]:
    """Return what matches a register and writes who is met."""
    texts = {str(place): folded(nodes, _guarded, _joined) for place, nodes in enumerate(asked.values())}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"all": _decision(texts)}}})

    def matched(register: Path, out: Path) -> None:
        facts = pl.read_parquet(register, columns=["subject_id", *codes_in(asked)])
        rows = facts.with_columns(pl.col(pl.Date).to_physical()).to_dicts()
        found: list[tuple[str, int]] = []
        for first in range(0, len(rows), _BATCH):
            some = rows[first : first + _BATCH]
            told = engine.evaluate_batch([{"key": "all", "context": row} for row in some])
            for row, each in zip(some, told, strict=True):
                said = each["data"]["result"]["met"]
                found += [(row["subject_id"], int(place)) for place, holds in said.items() if holds is True]
        written(pl.DataFrame(found, schema={"subject_id": pl.String, "policy": pl.UInt16}, orient="row"), out)

    return matched


def _decision(texts: dict[str, str]) -> dict[str, object]:
    """Return a decision that answers every text under `met`."""
    expressions = [{"id": place, "key": f"met.{place}", "value": text} for place, text in texts.items()]
    kinds = {"inputNode": {}, "expressionNode": {"expressions": expressions}, "outputNode": {}}
    nodes = [
        {"id": kind, "type": kind, "name": kind, "position": {"x": 0, "y": 0}, "content": content}
        for kind, content in kinds.items()
    ]
    edges = [("inputNode", "expressionNode"), ("expressionNode", "outputNode")]
    return {
        "nodes": nodes,
        "edges": [{"id": source, "sourceId": source, "targetId": to, "type": "edge"} for source, to in edges],
    }


def _guarded(condition: Condition, is_negated: bool) -> str:
    code = condition.code
    match condition.value:
        case True:
            said = f"{code} == {'false' if is_negated else 'true'}"
        case tuple() as texts:
            said = f"{code} {'not in' if is_negated else 'in'} {json.dumps(texts)}"
        case str() as text:
            said = f"{code} {'!=' if is_negated else '=='} {json.dumps(text)}"
        case bound:
            number = bound if isinstance(bound, int) else (bound - _EPOCH).days
            said = f"{code} {OPPOSITE[condition.sign] if is_negated else condition.sign} {number}"
    return f"({code} != null and {said})"


def _joined(word: Literal["and", "or"], parts: list[str]) -> str:
    return f"({f' {word} '.join(parts)})"
