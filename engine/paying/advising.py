"""Payment advice from what the store knows: for a batch, or for one receiver over its payments."""

import datetime as dt
from collections.abc import Iterator

import polars as pl

from core.clock import civil_day
from core.errors import DeliveryError
from core.money import yuan_text
from delivery.codes import DeliveryCode
from delivery.payment_advice import Advice, Grounds, advice_for, advice_of_batch
from delivery.payout_table import with_words
from delivery.period_words import period_words
from delivery.stored_batches import read_batch
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from engine.paying.doers import SENDS, may
from engine.paying.exporting import profile_for
from rules.reading import parse_version
from store.activations import published_versions
from store.opening import Reading
from store.received import received
from store.set_offs import set_offs_of


def advise_batch(deployment: Deployment, batch_id: str, *, by: str) -> Advice:
    """Return the advice for a batch; it names nobody.

    Fails: RefusedError where there is no such batch, or where it is not theirs to see.
    """
    may(deployment, by, SENDS, batch_id)
    with deployment.store.reading() as rx:
        batch = read_batch(rx, batch_id)
        grounds = _grounds(rx, deployment, batch.policy, batch.title)
    return advice_of_batch(batch, grounds)


def advise_receiver(
    deployment: Deployment, word: str, *, by: str, since: dt.date | None = None, through: dt.date | None = None
) -> Advice:
    """Return the advice for whoever an id or an official number names, over its payments; this year's unless said otherwise.

    Fails: RunError where nobody goes by it; DeliveryError where nothing went out to them; RefusedError where it is not theirs
           to see.
    """
    may(deployment, by, SENDS)
    with deployment.store.reading() as rx:
        subject_id, _ = subject_named(rx, deployment, word)
    return advise_self(deployment, subject_id, by=by, since=since, through=through)


def advise_self(
    deployment: Deployment, subject_id: str, *, by: str, since: dt.date | None = None, through: dt.date | None = None
) -> Advice:
    """Return the advice for a subject, as `advise_receiver`, to the subject itself: it needs no role.

    Fails: DeliveryError where nothing went out to it.
    """
    with deployment.store.reading() as rx:
        today = civil_day(rx.now)
        first, last = since or dt.date(today.year, 1, 1), through or today
        payments = received(rx, subject_id, since=first, through=last)
        if payments.is_empty():
            message = f"nothing went out to them from {first} to {last}"
            remedy = "name other days with --since and --through"
            raise DeliveryError.one(DeliveryCode.NOTHING_PAID, "advice", message, remedy)
        titles = dict(payments.select("policy", "title").unique().sort("policy", "title").iter_rows())
        grounds = {policy: _grounds(rx, deployment, policy, title) for policy, title in titles.items()}
        kept = list(_kept(set_offs_of(rx, subject_id, since=first, through=last)))
    payee = deployment.book(by).payee(subject_id)
    return advice_for(payee, with_words(payments), grounds, issued_on=today, kept=kept)


def _kept(set_offs: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Give what was kept back of payments for claims: nothing of it is in the sum."""
    for case_id, pay_day, period, fen in set_offs.select("case_id", "pay_day", "period", "amount_fen").iter_rows():
        yield (
            "已抵扣",
            f"{pay_day} {period_words(period)} {yuan_text(fen)}元，用于退回多发款项（案件{case_id}），不在合计之内",
        )


def _grounds(rx: Reading, deployment: Deployment, policy: str, title: str) -> Grounds:
    """Return what a policy's newest published version rests on."""
    versions = published_versions(rx, policy)
    tax = profile_for(deployment).tax
    if not versions:
        return Grounds(title, tax=tax)
    newest = versions[-1]
    written = parse_version(newest.text, deployment.catalogue, f"policies/{policy}/{newest.version}.yaml").written
    # What was concluded, or never seen, is no document that an accountant could cite.
    cited = [each for each in written.basis if each.certainty in {"S", "K"}]
    basis = tuple(f"{each.doc} {each.article}" if each.article else each.doc for each in cited)
    contact = (
        None if written.contact is None else "，".join(filter(None, (written.contact.office, written.contact.phone)))
    )
    return Grounds(title, basis, written.owner, contact, tax)
