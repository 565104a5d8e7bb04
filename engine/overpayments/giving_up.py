"""What is given up of a claim: asked by one person, granted by others, as many as the amount wants."""

import polars as pl

from core.errors import RefusedError
from core.money import FEN_PER_YUAN, yuan_text
from core.roles import Role
from engine.deployment import Deployment
from engine.overpayments.codes import CaseCode
from engine.overpayments.roles import claim_work
from engine.overpayments.signing import Signed
from store.case_reliefs import Relief, ReliefVerdict, add_relief, reliefs_of, say_verdict
from store.case_steps import CaseDeed, CaseRecord, case_of, take_case_step
from store.codes import StoreCode
from store.faults import refused
from store.ledger import POSTINGS, SEEN, LedgerChanges, write_ledger
from store.opening import Writing
from store.positions import read_obligations
from store.states.cases import CaseAction, ReliefKind, ReliefState
from store.states.funds import Account


def ask_relief(
    deployment: Deployment, case_id: str, kind: ReliefKind, signed: Signed, *, amount_fen: int | None = None
) -> Relief:
    """Ask that an amount be given up, or all that is outstanding; others have to grant it.

    Fails: RefusedError where reason or basis are empty, where it is more than is outstanding, or where something is
           asked of the case already.
    """
    said = signed.checked(needs_basis=True)
    claim_work(deployment, case_id, said.by, Role.OFFICER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        asked_fen = case.amount_fen if amount_fen is None else amount_fen
        if not 0 < asked_fen <= case.amount_fen:
            message = f"{yuan_text(asked_fen)} are asked to be given up, outstanding are {yuan_text(case.amount_fen)}"
            raise RefusedError.one(CaseCode.TOO_MUCH, case_id, message, "ask for as much as is outstanding at most")
        earlier = reliefs_of(tx, case_id)
        if any(each.state is ReliefState.ASKED for each in earlier):
            message = "something else is asked of it already"
            help_line = f"have that decided first: `mianshen cases show {case_id}`"
            raise refused(StoreCode.WRONG_STATE, case_id, message, help_line)
        relief = Relief(
            case_id,
            len(earlier) + 1,
            kind,
            asked_fen,
            said.reason,
            said.basis,
            ReliefState.ASKED,
            _approvals_needed(deployment, asked_fen),
            tx.now,
            said.by,
        )
        add_relief(tx, relief)
        take_case_step(tx, case, CaseDeed(CaseAction.ASKED, said.by, said.reason, said.basis), case.state)
    return relief


def _approvals_needed(deployment: Deployment, amount_fen: int) -> int:
    """Return how many others have to grant an amount."""
    from_fen = deployment.workspace.settings.cases.two_approvers_from * FEN_PER_YUAN
    return 2 if amount_fen >= from_fen else 1


def grant_relief(deployment: Deployment, case_id: str, *, by: str) -> tuple[Relief, CaseRecord]:
    """Grant what is asked; with the last approval that is needed it is posted, up to what is then outstanding.

    Fails: RefusedError where nothing is asked, or who asked or granted it already would grant it.
    """
    return _said(deployment, case_id, by=by, is_granted=True, reason=None)


def refuse_relief(deployment: Deployment, case_id: str, *, by: str, reason: str) -> tuple[Relief, CaseRecord]:
    """Refuse what is asked, with a reason.

    Fails: RefusedError where no reason is given or nothing is asked.
    """
    said = Signed(by, reason).checked(needs_basis=False)
    return _said(deployment, case_id, by=by, is_granted=False, reason=said.reason)


def _said(
    deployment: Deployment, case_id: str, *, by: str, is_granted: bool, reason: str | None
) -> tuple[Relief, CaseRecord]:
    claim_work(deployment, case_id, by, Role.APPROVER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        asked = [each for each in reliefs_of(tx, case_id) if each.state is ReliefState.ASKED]
        if not asked or not case.is_live:
            message = "nothing is asked to be given up of it"
            raise refused(StoreCode.WRONG_STATE, case_id, message, f"look at `mianshen cases show {case_id}`")
        relief = say_verdict(tx, asked[0], ReliefVerdict(by, tx.now, is_granted, reason))
        deed = CaseDeed(CaseAction.GRANTED if is_granted else CaseAction.REFUSED, by, reason)
        if relief.state is ReliefState.GRANTED:
            _post(tx, case, relief, deed)
        else:
            take_case_step(tx, case, deed, case.state)
        return relief, case_of(tx, case_id)


def _post(tx: Writing, case: CaseRecord, relief: Relief, deed: CaseDeed) -> None:
    """Post what is given up; a night may have made less of what was outstanding when it was asked."""
    (own,) = read_obligations(tx, [case.obligation_id])
    given_fen = min(relief.amount_fen, own.case_open_fen)
    account, stood_fen = (
        (Account.KEPT, own.kept_fen) if relief.kind is ReliefKind.KEEP else (Account.WRITTEN_OFF, own.written_off_fen)
    )
    rows = [
        (own.obligation_id, Account.CASE, own.case_open_fen, own.case_open_fen - given_fen, relief.kind),
        (own.obligation_id, account, stood_fen, stood_fen + given_fen, relief.kind),
    ]
    postings = pl.DataFrame(rows, schema=POSTINGS, orient="row")
    seen = pl.DataFrame([(own.obligation_id, own.version)], schema=SEEN, orient="row")
    write_ledger(tx, LedgerChanges(postings=postings, seen=seen), run_id=None, deed=deed)
