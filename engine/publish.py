"""Writes a night: its folder first, then ledger, acts, notices, batches and the flip in one transaction.

Killed before the commit, nothing of the night is there but a folder that the next attempt replaces; killed
after it, payout files and messages are made by whoever comes next.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from core.ledger import ItemState
from core.workspace import Workspace
from delivery.batches import Batch, Collected
from delivery.expiries import expiry_notices
from delivery.notices import notices_for, plan_notices
from delivery.routes import Routes, routes_of
from delivery.stored_batches import keep_batch
from delivery.suspicions import HOLDERS
from engine.compute import Computed
from engine.folder import Manifest, inputs_of, write_folder
from engine.ledger_copy import LedgerCopy, keep_copy
from engine.lifecycle.shadow import kept_frames, take_steps
from engine.looking_back import decided_by
from engine.night import Night
from engine.payouts import born_in_batches
from engine.prints import keep_prints
from engine.set_offs import tell_kept_back
from engine.suspicions import keep_suspected
from store.catalogues import keep_catalogue
from store.grants import record_acts
from store.ledger import write_ledger
from store.money_waits import keep_waits
from store.opening import Store
from store.outbox import add_notices
from store.questions import add_questions, settle_questions
from store.runs import RunClaim, Signed, abort_run, enter_state, publish_run
from store.set_offs import keep_back
from store.states.nights import RunState


@dataclass(frozen=True, slots=True)
class Publication:
    """What a night publishes beside its ledger changes."""

    notices: pl.DataFrame  # `store.outbox.NOTICES`
    batches: Sequence[Batch]
    manifest: Manifest
    routes: Routes
    ledger_copy: LedgerCopy | None = None
    prints: Mapping[str, Any] = field(default_factory=dict)  # as the manifest names them
    collected: Collected = field(default_factory=Collected)
    due: Collection[str] = ()  # policies of which something was to be collected
    holders: pl.DataFrame = field(default_factory=HOLDERS.to_frame)  # of accounts, before this night


def prepare(workspace: Workspace, computed: Computed, batches: Sequence[Batch], *, is_dry_run: bool) -> Publication:
    """Write the run's folder, unless this is a dry run, and bind inputs to outputs."""
    frames = kept_frames(computed)
    night = computed.night
    routes = routes_of(workspace.settings)
    told = [
        notices_for(computed.told, night.business_date, routes),
        expiry_notices(computed.expiring, night.business_date, routes),
    ]
    outputs = {} if is_dry_run else write_folder(workspace.runs, folder_name(computed), frames)
    return Publication(
        notices=pl.concat(told),
        batches=batches,
        manifest=Manifest(inputs_of(night), outputs),
        routes=routes,
        ledger_copy=None if is_dry_run else _copy_for_nights_to_come(night, workspace),
        prints={} if is_dry_run else keep_prints(night.prints, workspace.ledger_copies),
    )


def _copy_for_nights_to_come(night: Night, workspace: Workspace) -> LedgerCopy | None:
    assert night.ledger is not None
    return night.ledger.copy or keep_copy(night.ledger, workspace.ledger_copies)


def publish(
    store: Store,
    claim: RunClaim,
    computed: Computed,
    publication: Publication,
    *,
    summary: dict[str, object],
    signed: Signed,
) -> None:
    """Write everything and make this night the latest.

    Fails: RefusedError where another process took the run over, or the ledger moved in between: nothing is written.
    """
    lookback = computed.night.lookback
    with store.writing() as tx:
        enter_state(tx, claim, RunState.VERIFYING)
        changes = born_in_batches(computed.ledger_changes, publication.batches)
        write_ledger(tx, changes, run_id=claim.run_id)
        record_acts(tx, computed.acts)
        add_questions(tx, computed.asked.new, run_id=claim.run_id)
        settle_questions(tx, computed.asked.settled)
        add_notices(tx, publication.notices, run_id=claim.run_id)
        for kept in publication.collected.kept:
            keep_back(tx, kept, run_id=claim.run_id)
        plan_notices(tx, publication.routes, tell_kept_back(tx, computed, publication.collected))
        born = changes.items.filter(pl.col("state") == ItemState.IN_BATCH).select("item_id", "amount_fen")
        for batch in publication.batches:
            keep_batch(tx, batch, run_id=claim.run_id, born=born)
        keep_waits(tx, publication.collected.waits, publication.due)
        keep_suspected(tx, publication.collected, publication.holders)
        keep_catalogue(tx, computed.night.catalogue.fingerprint, computed.night.catalogue.files)
        publish_run(
            tx,
            claim,
            folder=folder_name(computed),
            manifest={
                **publication.manifest.as_tree(),
                "digest": publication.manifest.digest,
                # beside the digest: where to look, not what was seen
                "ledger_mark": asdict(computed.night.mark),
                "policies": decided_by(computed.night.policies),
                "prints": dict(publication.prints),
                **({"lookback": lookback.as_tree()} if lookback.is_limited else {}),
                **({"ledger_copy": publication.ledger_copy.as_tree()} if publication.ledger_copy else {}),
            },
            summary=summary,
            signed=signed,
        )
        take_steps(tx, claim)


def give_up(store: Store, claim: RunClaim, because: str, summary: Mapping[str, object] | None = None) -> None:
    """Let go of a night that cannot be published, and keep what it had to say; it may be claimed again."""
    with store.writing() as tx:
        abort_run(tx, claim, because, summary)


def folder_name(computed: Computed) -> str:
    """Return the name of a run's folder under `runs/`."""
    return computed.night.business_date.isoformat()
