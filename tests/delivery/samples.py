"""Items, payees, terms and notices with complete, boring defaults; tests name only what matters to them."""

import datetime as dt
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import polars as pl

from core import ids
from core.ledger import ItemKind, Notice, NoticeKind
from core.settings import Channels
from delivery.accounts import Account
from delivery.batches import Batch, collect
from delivery.channels import Envelope
from delivery.contacts import Contact
from delivery.messages import Message
from delivery.notice_values import VARIABLES
from delivery.notices import CHANGES, OF_NIGHTS, notices_for
from delivery.payables import PAYABLES, DuePayment, PayTerms
from delivery.payees import Keyed, with_digest, with_digests
from delivery.payout_table import PayoutTable
from delivery.receiving import Ranks, offered, receiving
from delivery.routes import Routes
from rules.version import Pay
from store.vault_openings import OPENED

PAY_DAY = dt.date(2025, 8, 15)
POLICY = "disability-nursing-allowance"
TITLE = "重度残疾人护理补贴"
OWNER = "区残联"
CONTACT = "区残联（电话：021-59728888）"

SAID = {
    "title": TITLE, "owner": OWNER, "contact": CONTACT, "since": "自2025年7月起", "standard": "每月150.00元",
    "before": "每月100.00元", "payment": "款项按发放日拨付", "why": "残疾人证有效", "reasons": "账号与户名不符",
    "confirmed": "享受意愿", "reply_by": "2025年8月31日前（含当日）", "expires_on": "2025年12月31日", "benefits": TITLE,
    "remedy": "到街道残联换领", "where": "区政府网站", "through": "2025年8月11日", "amount": "150.00", "periods": "2025年7月",
    "paid_on": "2025年8月15日", "account": "0" * 64, "decision": "免予退回", "number": "2025-0017",
}  # fmt: skip
"""A word for everything that a notice may carry."""


def keyed(texts: Iterable[str]) -> list[str]:
    """Return digests under a key for tests."""
    return [hmac.digest(b"a key for tests", text.encode(), "sha256").hex() for text in texts]


def pay(**said: Any) -> Pay:  # noqa: ANN401  # the fields of the model
    """Return when a policy pays: on the 15th of every month unless said otherwise."""
    usual: dict[str, Any] = {"calendar": "monthly", "day": 15}
    return Pay(**usual | said)


def terms(policy: str = POLICY, **said: Any) -> PayTerms:  # noqa: ANN401  # the fields of the model
    """Return the terms of a policy."""
    return PayTerms(policy, TITLE, OWNER, pay(**said))


def payable(number: int = 1, amount_fen: int = 15_000, **said: Any) -> pl.DataFrame:  # noqa: ANN401  # the columns of the frame
    """Return one open item; its number makes its ids, and its subject `s<number>`."""
    obligation = ids.derive_id("o", str(number))
    usual: dict[str, Any] = {
        "item_id": ids.item_id(obligation, 1),
        "obligation_id": obligation,
        "policy": POLICY,
        "subject_id": f"s{number}",
        "period": "2025-07",
        "component": "main",
        "kind": ItemKind.REGULAR.value,
        "amount_fen": amount_fen,
        "is_first": False,
        "attempt": 1,
        "is_reissue": False,
    }
    return pl.DataFrame([usual | said], schema=PAYABLES)


def account(number: int = 1) -> Account:
    """Return an account of nineteen digits that begins with a zero."""
    return Account(f"{62_2202_1234_5678_0000 + number:019d}", "中国工商银行青浦支行")


def payee(
    number: int = 1, name: str = "张小三", accounts: Iterable[Account] | None = None, *, keyed: Keyed = keyed
) -> pl.DataFrame:
    """Return who receives for the subject of the same number, as a vault would that knows this of it: one of `PAYEES`."""
    known = [account(number)] if accounts is None else accounts
    said = [("name", "people", name)]
    for place, each in enumerate(known):
        said += [("account", f"r{place}", each.number), ("bank", f"r{place}", each.bank)]
    opened = pl.DataFrame([(f"s{number}", *each) for each in said], OPENED, orient="row")
    kinds = pl.DataFrame(schema={"subject_id": pl.String, "subject_kind": pl.String})
    return with_digests(with_digest(receiving(opened, offered(opened, kinds, Ranks())), keyed), keyed)


def payees(count: int) -> pl.DataFrame:
    """Return payees for the subjects 1 to `count`."""
    return pl.concat(payee(number) for number in range(1, count + 1))


def due(*payables: pl.DataFrame, policy: str = POLICY, pay_day: dt.date = PAY_DAY) -> DuePayment:
    """Return items that are to be paid together."""
    return DuePayment(terms(policy), pay_day, pl.concat(payables))


def batch(*payables: pl.DataFrame, of: pl.DataFrame | None = None) -> Batch:
    """Return one frozen batch."""
    (frozen,) = collect([due(*payables)], payees(9) if of is None else of).batches
    return frozen


def said(whole: Batch | PayoutTable) -> dict[str, Any]:
    """Return everything that a batch or a payout table says, to be compared."""
    words = {each.name: getattr(whole, each.name) for each in fields(whole)}
    return words | {"lines": whole.lines.rows()}


def change(kind: NoticeKind = NoticeKind.STARTED, **said: Any) -> dict[str, Any]:  # noqa: ANN401  # the frame's columns
    """Return what became different for the subject `s1`: a row of `CHANGES`."""
    usual: dict[str, Any] = {
        "kind": kind,
        "grant_id": "g1",
        "subject_id": "s1",
        "subject_kind": "person",
        "policy": POLICY,
        "title": TITLE,
        "owner": OWNER,
        "contact": CONTACT,
        "why": "残疾人证有效、本市户籍",
        "period": "2025-07",
        "amount_fen": 15_000,
        "before_fen": 0,
        "payable_fen": 15_000,
        "reasons": ["残疾人证有效"],
        "reply_through": None,
        "benefit": "cash",
        "event": "",
        "event_day": None,
    }
    return usual | said


def notices(
    changes: Iterable[Mapping[str, Any]],
    night: dt.date = dt.date(2025, 8, 1),
    channels: Mapping[str, Sequence[str]] | None = None,
) -> list[Notice]:
    """Return the notices that a night makes of changes, as the outbox gives them back; by e-mail unless said otherwise."""
    changed = pl.DataFrame([dict(each) for each in changes], schema=CHANGES)
    made = notices_for(changed, night, Routes({"person": ("email",)} if channels is None else channels, Channels()))
    return [
        Notice(
            **row
            | {
                "kind": NoticeKind(row["kind"]),
                "values": tuple((name, value) for name, value in json.loads(row["values"])),
            }
        )
        for row in made.iter_rows(named=True)
    ]


def notice(kind: NoticeKind = NoticeKind.STARTED, **said: Any) -> Notice:  # noqa: ANN401  # the frame's columns
    """Return the notice of one change; of a kind that no night makes, one with a word for everything."""
    if kind not in OF_NIGHTS:
        values = tuple((name, said.get(name, SAID[name])) for name in VARIABLES[kind])
        named = {name: said[name] for name in ("subject_id", "channel", "event") if name in said}
        usual: dict[str, Any] = {"subject_id": "s1", "channel": "email", "event": "case c_1"}
        day = dt.date(2025, 8, 1)
        return Notice(
            notice_id=f"n_{kind.value}", policy=POLICY, kind=kind, business_date=day, values=values, **usual | named
        )
    (only,) = notices([change(kind, **said)])
    return only


def message(**said: Any) -> Message:  # noqa: ANN401  # the record's fields
    """Return a message."""
    usual: dict[str, Any] = {
        "template_id": "started@3",
        "template_digest": "0" * 64,
        "subject": "【免申即享】您已享受：护理补贴",
        "body": "张*三：\n\n您已享受。\n",
        "text": "您已享受“护理补贴”。",
        "values": {"title": "护理补贴"},
    }
    return Message(**usual | said)


def contact(email: str | None = "zhang@example.org", **said: Any) -> Contact:  # noqa: ANN401  # the record's fields
    """Return how to reach a person."""
    usual: dict[str, Any] = {"name": "张小三", "is_person": True, "email": email}
    return Contact(**usual | said)


def envelope(
    notice_id: str = "n_1",
    reference: str = "m_1",
    address: str = "zhang@example.org",
    **said: Any,  # noqa: ANN401  # the fields of the message
) -> Envelope:
    """Return a message on its way."""
    named = replace(notice(), notice_id=notice_id)
    return Envelope(named, reference, address, message(**said), dt.datetime(2025, 8, 1, 4, tzinfo=dt.UTC))
