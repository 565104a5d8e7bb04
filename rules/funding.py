"""Out of which purses a version pays, and what becomes of payments that the year's money does not cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from re import fullmatch

from core.shares import WEIGHT_MAX, weights_of
from profiles.catalogue import Attribute
from rules.codes import RuleCode
from rules.passages import Faults
from rules.tree import KIND_OF, Kind
from rules.version import WrittenVersion
from rules.vocabulary import Vocabulary

PERIOD, DISCOVERED = "period", "discovered"
ORDER_WORDS = (PERIOD, DISCOVERED)
"""What `pot.order` knows beside facts: the oldest period first, whoever was found first."""

_ACCOUNT = r"2\d{2}(\d{2}(\d{2})?)?"  # 支出功能分类科目: 类, 款, 项; expenditure begins with a 2
_DIGITS = 12  # behind the point, of what is written as a percentage
_UNORDERED = frozenset({Kind.TEXT, Kind.REGION, Kind.INDUSTRY})


@dataclass(frozen=True, slots=True)
class BoundFunding:
    """One purse; `share` is the exact part that it pays."""

    name: str
    level: str
    share: Fraction
    account: str | None
    project: str | None


def check_funding(written: WrittenVersion, faults: Faults) -> None:
    """Record purses that are named twice or booked on no account of expenditure, and money without payments."""
    terms = written.terms
    for index, line in enumerate(terms.funding):
        keys = ("terms", "funding", index)
        if line.name in [each.name for each in terms.funding[:index]]:
            message = f"the purse `{line.name}` stands twice in `funding`"
            faults.add(RuleCode.PURSE_TWICE, message, *keys, "name", remedy="give each a name of its own")
        if line.account is not None and not fullmatch(_ACCOUNT, line.account):
            message = f"`{line.account}` is no account of expenditure"
            remedy = "write the 3, 5 or 7 digits of 支出功能分类科目, which begin with 2"
            faults.add(RuleCode.BAD_ACCOUNT, message, *keys, "account", remedy=remedy)
    if written.benefit != "cash":
        for name, is_there in (("funding", bool(terms.funding)), ("pot", terms.pot is not None)):
            if is_there:
                message = f"nothing is paid of `benefit: {written.benefit}`, so it needs no `{name}`"
                faults.add(RuleCode.NO_MONEY, message, "terms", name, remedy="leave it out, or mend `benefit`")


def check_shares(shares: Sequence[Fraction | None], faults: Faults) -> bool:
    """Record shares that are no part of a whole, too fine, or that do not come to all of it; say whether all are well."""
    known = [share for share in shares if share is not None and 0 < share <= 1]
    for index, share in enumerate(shares):
        if share is None or not 0 < share <= 1:
            message = "a share is a fixed part of the whole, above 0 and up to 100 %"
            remedy = "write `60%` or `1/3`, or a parameter that says so; no fact decides it"
            faults.add(RuleCode.BAD_SHARE, message, "terms", "funding", index, "share", remedy=remedy)
    if len(known) < len(shares) or not known:
        return False
    if sum(known) != 1:
        message = f"the shares come to {percent_text(sum(known, Fraction()))}, not to 100%"
        faults.add(RuleCode.SHARES_SUM, message, "terms", "funding", remedy="the purses together pay every fen")
        return False
    if sum(weights_of(known)) > WEIGHT_MAX:
        message = "the shares are finer than parts of a million"
        faults.add(RuleCode.BAD_SHARE, message, "terms", "funding", remedy="write them as `60%`, `1/3` or `12.5%`")
        return False
    return True


def order_attributes(written: WrittenVersion, vocabulary: Vocabulary, faults: Faults) -> dict[str, Attribute]:
    """Return the attributes by which payments stand in order; record words that order nobody, or stand twice."""
    words = written.terms.pot.order if written.terms.pot else ()
    found = {}
    for index, word in enumerate(words):
        keys = ("terms", "pot", "order", index)
        attribute = vocabulary.attribute(word)
        if word in words[:index]:
            faults.add(RuleCode.BAD_ORDER, f"`{word}` stands twice in `order`", *keys, remedy="leave one out")
        elif word in ORDER_WORDS:
            continue
        elif attribute is None:
            remedy = vocabulary.remedy(word) or "write `period`, `discovered` or a fact"
            faults.add(
                RuleCode.BAD_ORDER,
                f"nothing is called `{word}` that payments could be ordered by",
                *keys,
                remedy=remedy,
            )
        elif KIND_OF[attribute.fact_type.type] in _UNORDERED:
            message = f"`{word}` has no smaller and larger values"
            faults.add(RuleCode.BAD_ORDER, message, *keys, remedy="take a number, a day, or a truth (true comes first)")
        else:
            found[word] = attribute
    return found


def percent_text(share: Fraction) -> str:
    """Return a share for people: `60%`, `12.5%`, `1/3`."""
    percent = share * 100
    if 10**_DIGITS % percent.denominator:
        return f"{share.numerator}/{share.denominator}"
    return f"{Decimal(percent.numerator) / Decimal(percent.denominator):f}%"
