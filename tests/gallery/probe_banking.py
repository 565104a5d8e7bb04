"""Provokes the faults of what passes between us and banks: profiles, payment files, answers, acknowledgements."""

from pathlib import Path
from typing import Any

import polars as pl

from core.errors import DeliveryError
from delivery.banking.acknowledgements import read_acknowledgement
from delivery.banking.payment_files import payment_files
from delivery.banking.profile import PaymentProfile
from delivery.banking.profiles import FOLDER, profile_named, read_profiles
from delivery.banking.statements import StatementKind, read_statement
from delivery.payout_table import FUNDING_PARTS
from tests.delivery.banking.bank_samples import changed, payment, table


def payment_profile(folder: Path, case: dict[str, Any]) -> str:
    """Read the profiles of a workspace in `payment_profiles/`, or ask for the one `named`."""
    try:
        profiles = read_profiles(folder / FOLDER)
        profile_named(profiles, case.get("named", "agent-bank-bar"))
    except DeliveryError as error:
        return str(error)
    return "no fault"


def payment_file(folder: Path, case: dict[str, Any]) -> str:
    """Render two payments, the second with `fields` of its own, by the profile in `profile`, in parts `changed`."""
    second = payment(2, **case.get("fields", {}))
    parts = [(payment(1)["reference"], "中央", "2081107", case["funded_fen"])] if "funded_fen" in case else None
    funding = None if parts is None else pl.DataFrame(parts, schema=FUNDING_PARTS, orient="row")
    try:
        payment_files(table(payment(1), second, funding=funding), _profile(case))
    except DeliveryError as error:
        return str(error)
    return "no fault"


def bank_answer(folder: Path, case: dict[str, Any]) -> str:
    """Read the return file or the statement in `file`, by the profile in `profile`; in its own encoding."""
    profile = _profile(case)
    data = b"PK" if "file" not in case else (folder / case["file"]).read_bytes()
    if "encoding" in case:
        data = data.decode("utf-8").encode(case["encoding"])
    data *= case.get("times", 1)
    try:
        statement = read_statement(data, profile, case.get("file", "file"), kind=StatementKind(case["kind"]))
    except DeliveryError as error:
        return str(error)
    return "\n".join(map(str, statement.findings))


def acknowledgement(folder: Path, case: dict[str, Any]) -> str:
    """Read an acknowledgement, and compare it with the file of two payments."""
    profile = _profile(case)
    (file,) = payment_files(table(payment(1), payment(2)), profile)
    (said,) = read_acknowledgement((folder / case["file"]).read_bytes(), profile, case["file"])
    return "\n".join(map(str, said.differences(file, case["file"])))


def _profile(case: dict[str, Any]) -> PaymentProfile:
    return changed(f"{case['profile']}@1", *map(tuple, case.get("changed", [])))


PROBES = {
    "payment profile": payment_profile,
    "payment file": payment_file,
    "bank answer": bank_answer,
    "acknowledgement": acknowledgement,
}
