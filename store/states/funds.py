"""Where money stands: beside the items of an obligation, in the books of a pot, and in decisions about budgets."""

from enum import StrEnum


class Account(StrEnum):
    """Amounts that stand on an obligation beside its items."""

    RECOVERED = "recovered"  # 追回: money that came back
    WRITTEN_OFF = "written_off"  # 核销
    KEPT = "kept"  # the rule lets an overpayment stand
    CASE = "case"  # the open overpayment case


class PotAccount(StrEnum):
    """Where the money of a pot stands: one policy's money of one fiscal year and purse."""

    GRANTED = "granted"  # 指标下达: where it comes from; as much below zero as was appropriated
    BUDGET = "budget"  # 可用指标: nobody has it yet
    RESERVED = "reserved"  # 已占用: in a batch that has not gone out
    IN_TRANSIT = "in_transit"  # 在途: instructed
    PAID = "paid"  # 已支付
    RETURNED = "returned"  # 退票待处理: came back, and waits to be paid again or given up
    RECEIVABLE = "receivable"  # 应收: overpaid, to be decided or collected
    WRITTEN_OFF = "written_off"  # 核销
    CARRIED = "carried"  # 结转: the other side of what crosses from a closed year into the next
    SURRENDERED = "surrendered"  # 收回上缴: what a closed year did not use, and what comes back to it


NEVER_BELOW_ZERO = (
    PotAccount.RESERVED, PotAccount.IN_TRANSIT, PotAccount.RETURNED, PotAccount.RECEIVABLE, PotAccount.WRITTEN_OFF,
)  # fmt: skip
"""Accounts that hold what somebody put there; the budget has a floor of its own (`store.tables.funds.Pot`)."""


CROSSING = (PotAccount.RESERVED, PotAccount.IN_TRANSIT, PotAccount.RETURNED, PotAccount.RECEIVABLE)
"""What is under way when a year is closed, and goes on in the next."""


class DecisionKind(StrEnum):
    """What is decided about a budget."""

    SET = "set"  # how much a purse gives to a policy in a year, in all
    CLOSE = "close"  # no posting of the year from then on


class DecisionState(StrEnum):
    """Where a decision about a budget stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"  # by another person
    WITHDRAWN = "withdrawn"
