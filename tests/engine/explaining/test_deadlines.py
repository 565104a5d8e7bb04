"""The last days that concern a subject: those ahead, within some months, the nearest first."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from core.days import add_months
from delivery.expiries import EXPIRIES, expiry_notices
from engine.deployment import Deployment
from engine.explaining.checkup import Checkup, check_up
from engine.explaining.deadlines import MONTHS_AHEAD, Deadline, Ending, deadlines_of
from engine.explaining.explain import subject_named, viewpoint_on
from store.outbox import add_notices
from tests.trial_world import LAST_NIGHT, trial_world


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with trial_world().open(tmp_path / "w") as opened:
        yield opened


def checkup(deployment: Deployment) -> Checkup:
    with deployment.store.reading() as rx:
        subject_id, kind = subject_named(rx, deployment, trial_world().plan.trial_accounts[0].number)
        return check_up(rx, viewpoint_on(rx, deployment, None), kind=kind, subject_id=subject_id)


def seen(deployment: Deployment, today: dt.date = LAST_NIGHT) -> tuple[Deadline, ...]:
    with deployment.store.reading() as rx:
        return deadlines_of(rx, checkup(deployment), today)


def test_a_policy_that_ends_is_named_until_its_last_day(deployment: Deployment) -> None:
    """On the last day it still stands there, on the next it does not; one of years ahead is not said yet."""
    last = dt.date(2025, 12, 31)
    here = [each for each in seen(deployment) if each.ending is Ending.POLICY]

    assert {each.policy for each in here} == {"job-stabilisation-refund", "hightech-award"}
    assert {each.through for each in here} == {last}
    assert {each.policy for each in seen(deployment, last)} >= {each.policy for each in here}
    assert not [each for each in seen(deployment, dt.date(2026, 1, 1)) if each.through == last]
    assert not [each for each in seen(deployment, add_months(last, -MONTHS_AHEAD - 1)) if each.through == last]


@pytest.mark.parametrize("channels", [("inbox",), ("folder",), ("folder", "inbox")])
def test_a_certificate_that_nights_told_of_comes_with_what_to_do(
    deployment: Deployment, channels: tuple[str, ...]
) -> None:
    """Told over whatever channel it stands once, in the order of its day, with the remedy of the condition that rests on it."""
    who = checkup(deployment)
    label, remedy = "高新技术企业证书", "请在到期前重新申报认定"
    row = {
        "subject_id": who.subject_id,
        "subject_kind": who.kind,
        "resource": "hightech_certificates",
        "label": label,
        "office": "市科学技术委员会",
        "ends_on": dt.date(2025, 11, 30),
        "title": "高新技术企业认定奖励",
        "remedy": remedy,
    }
    routes = replace(deployment.routes, chosen={who.kind: channels})
    with deployment.store.writing() as tx:
        notices = expiry_notices(pl.DataFrame([row], schema=EXPIRIES), LAST_NIGHT, routes)
        add_notices(tx, notices, run_id=None)
    (first,) = (each for each in seen(deployment) if each.ending is Ending.CERTIFICATE)

    assert first == Deadline(dt.date(2025, 11, 30), Ending.CERTIFICATE, label, remedy=remedy)
