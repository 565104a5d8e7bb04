"""What a letter says of how a benefit reaches people: as money on a pay day, or by another way that is not paid."""

from collections.abc import Mapping

from core.money import yuan_text

_GIVEN: Mapping[str, str] = {
    "reduction": "本事项为减免，由{owner}在征收时直接落实，不发放款项",
    "voucher": "本事项以券的形式发放，由{owner}另行发给，不发放款项",
    "service": "本事项为服务，由{owner}安排提供，不发放款项",
    "tax_credit": "本事项为税收抵免，由{owner}在申报时落实，不发放款项",
    "waiver": "本事项为免除，由{owner}直接落实，不发放款项",
    "deferral": "本事项为缓缴，由{owner}直接落实，不发放款项",
}

_PAID = "款项按发放日拨付到已登记的收款账户；账户有变动的，请尽快告知{owner}"


def is_paid(benefit: str) -> bool:
    """Say whether a kind of benefit is money that goes to an account."""
    return benefit not in _GIVEN


def payment_words(benefit: str, payable_fen: int, due_fen: int | None, *, owner: str) -> str:
    """Return what comes now and how: 本次应发375.00元，含此前应补发的部分；款项按发放日拨付….

    Units: `payable_fen` is what a night's items add up to, `due_fen` what is due for one period.
    Nulls: an amount due that is not known says nothing of arrears.
    """
    if not is_paid(benefit):
        return _GIVEN[benefit].format(owner=owner)
    paid = _PAID.format(owner=owner)
    if payable_fen <= 0:
        return paid
    arrears = "，含此前应补发的部分" if due_fen is not None and payable_fen > due_fen else ""
    return f"本次应发{yuan_text(payable_fen)}元{arrears}；{paid}"


def confirmation_words(benefit: str) -> str:
    """Return what somebody confirms before a benefit is theirs."""
    return "享受意愿和收款账户" if is_paid(benefit) else "享受意愿"


def ask_words(office: str, phone: str | None) -> str:
    """Return whom one asks, as a letter says it: 区残联（电话：021-59728888）."""
    return office if phone is None else f"{office}（电话：{phone}）"
