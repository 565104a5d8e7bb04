"""Provokes what is found in an audit chain that somebody forged, and in anchors that are none."""

import sqlite3
from pathlib import Path
from typing import Any

from core.errors import MianshenError
from store.audit import record, verify
from store.audit_anchors import read_anchors
from store.opening import open_store
from tests.store import worlds

FILE = "mianshen.db"


def audit(folder: Path, case: dict[str, Any]) -> str:
    """Record four events, run `forge` as an administrator would, and verify against `anchors`."""
    with open_store(f"sqlite:///{folder / FILE}", clock=worlds.clock_at(worlds.CLOCK_START)) as store:
        with store.writing() as tx:
            for event in ("round.opened", "round.decided", "proposal.submitted", "proposal.approved"):
                record(tx, event, by="officer", about="a_1", said={})
        with sqlite3.connect(folder / FILE) as connection:
            guards = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
            for name, _ in guards:
                connection.execute(f"drop trigger {name}")
            for statement in case.get("forge", []):
                connection.execute(statement)
            for _, made in guards if case.get("guards_put_back", True) else ():
                connection.execute(made)
        try:
            anchors = read_anchors(str(folder / each) if "." in each else each for each in case.get("anchors", ()))
            with store.reading() as rx:
                return "\n".join(str(each) for each in verify(rx, anchors).findings)
        except MianshenError as error:
            return str(error)


PROBES = {"audit": audit}
