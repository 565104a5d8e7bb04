"""Amounts that may still be open, in the words of a page."""

from engine.explaining.checkup import PageGroup
from pages.language.translating import Words
from rules.tariff import Range


def range_words(amount: Range | None, words: Words) -> str:
    """Return an amount that may still be open."""
    if amount is None:
        return words("不涉及资金拨付")
    least, most = amount
    if most == least:
        return words("%(least)s 元", least=words.yuan(least))
    if most is None:
        return words("至少 %(least)s 元（金额待核）", least=words.yuan(least)) if least else words("金额待核")
    return words("%(least)s 至 %(most)s 元（金额待核）", least=words.yuan(least), most=words.yuan(most))


def short_range_words(amount: Range | None, group: PageGroup, words: Words) -> str:
    """Return what a group comes to, as its count stands above it; empty where there is nothing to say."""
    if amount is None or amount == (0, None):
        return ""
    least, most = amount
    if group is PageGroup.ENJOYED:
        return words("%(least)s 元", least=words.yuan(least))
    if group in {PageGroup.AVAILABLE, PageGroup.TO_CONFIRM}:
        said = "可得 %(least)s 元" if most == least else "可得至少 %(least)s 元"
    else:
        said = "如符合 %(least)s 元" if most == least else "如符合至少 %(least)s 元"
    return words(said, least=words.yuan(least))
