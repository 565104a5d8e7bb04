"""What is checked of a payment profile: words that exist, cells that must be there, and forms that can be read back."""

from collections.abc import Iterable, Iterator
from string import Formatter

from core.findings import Code, Finding, Place, nearest_help
from delivery.banking.layouts import Field, Layout
from delivery.banking.profile import Camt053, PaymentProfile
from delivery.banking.words import ACKNOWLEDGEMENT, ORDERS, PAYMENT, RETURNS, Vocabulary
from delivery.codes import DeliveryCode

_FILE_WORDS = frozenset({"batch_id", "number", "pay_day"})
_FILE_NEEDS = frozenset({"batch_id", "number"})  # otherwise two files could have one name
_WHOLE = frozenset({"reference", "account", "name"})
_SEPARATORS = frozenset("|,;\t^~!")


def profile_findings(profile: PaymentProfile, place: str) -> Iterator[Finding]:
    """Give everything that is wrong with a profile."""
    payment, orders, statement = profile.payment, profile.payment.orders, profile.statement
    yield from _layout(payment, PAYMENT, place, "payment")
    yield from _file_name(payment.file_name, Place(place, payment.line))
    if orders is not None:
        yield from _layout(orders, ORDERS, place, "orders")
        if payment.is_text or orders.is_text:
            message, remedy = "orders and their annex are one workbook", "say `form: xlsx` in both"
            yield _fault(DeliveryCode.PROFILE_CLASH, Place(place, orders.line), message, remedy)
    if profile.returns is not None:
        yield from _layout(profile.returns, RETURNS, place, "returns")
    if statement is not None and not isinstance(statement, Camt053):
        yield from _layout(statement, RETURNS, place, "statement")
    if profile.acknowledgement is not None:
        yield from _layout(profile.acknowledgement, ACKNOWLEDGEMENT, place, "acknowledgement")
    if profile.returns is None and profile.statement is None:
        message = "neither `returns` nor `statement` says what the bank answers"
        remedy = "add what the bank sends back, or nobody will know what was paid"
        yield _fault(DeliveryCode.PROFILE_INCOMPLETE, Place(place, profile.line), message, remedy)


def _layout(layout: Layout, words: Vocabulary, place: str, name: str) -> Iterator[Finding]:
    at = Place(place, layout.line)
    yield from _words(layout.frame_fields(), words.frame, place)
    yield from _words(layout.columns, words.columns, place)
    for word in sorted(words.needed - layout.column_words()):
        message, remedy = f"`{name}` has no column of `{word}`", f"add `{{of: {word}}}` to its columns"
        yield _fault(DeliveryCode.PROFILE_INCOMPLETE, at, message, remedy)
    for word in sorted(words.framing - layout.frame_words()):
        message = f"neither head nor trailer of `{name}` says `{word}`"
        remedy = f"add `{{of: {word}}}` to a row of one: a file cut short shows by it"
        yield _fault(DeliveryCode.PROFILE_INCOMPLETE, at, message, remedy)
    yield from _twice(layout, place)
    yield from _widths(layout, words, place)
    if layout.form == "text" and layout.separator not in _SEPARATORS:
        message = f"`{layout.separator}` cannot separate cells"
        yield _fault(DeliveryCode.PROFILE_CLASH, at, message, "use one of `|`, `,`, `;`, `^`, `~`, `!` or a tab")
    if not any((layout.headings, layout.head, *(field.text for field in layout.columns))):
        message = f"nothing in `{name}` tells its files from others"
        remedy = "say `headings: true`, or give a head or a column with a `text`"
        yield _fault(DeliveryCode.PROFILE_INCOMPLETE, at, message, remedy)


def _widths(layout: Layout, words: Vocabulary, place: str) -> Iterator[Finding]:
    """Check what a fixed width needs, and that nothing of it is said where cells have none."""
    if layout.is_fixed and (layout.headings or layout.quoted):
        message = "cells of a fixed width have no headings and no quotation marks"
        remedy = "write headings as a row of `head`, each with its `width`"
        yield _fault(DeliveryCode.PROFILE_CLASH, Place(place, layout.line), message, remedy)
    for field in (*layout.frame_fields(), *layout.columns):
        at = Place(place, field.line)
        if not layout.is_fixed:
            if (field.align, field.pad) != ("left", "space"):
                message, remedy = "a cell without a fixed width is not filled up", "say `form: fixed`, or leave it out"
                yield _fault(DeliveryCode.PROFILE_CLASH, at, message, remedy)
            continue
        if field.width is None:
            message, remedy = "a cell of a fixed width does not say how wide it is", "add its `width` in bytes"
            yield _fault(DeliveryCode.PROFILE_INCOMPLETE, at, message, remedy)
        elif len(field.constant.encode(layout.codec, "replace")) > field.width:
            message, remedy = f"`{field.constant}` is longer than {field.width} bytes", "widen the cell"
            yield _fault(DeliveryCode.PROFILE_CLASH, at, message, remedy)
        is_known = field.of is not None and (field.of in words.frame or field.of in words.columns)
        is_number = is_known and words.kind(field.of or "") in {"amount", "count"}
        if field.pad == "zero" and not (is_number and field.align == "right"):
            message = "zeros in front make another text of anything but a number"
            yield _fault(
                DeliveryCode.PROFILE_CLASH, at, message, "say `align: right` of an amount or a count, or `pad: space`"
            )


def _words(fields: Iterable[Field], known: Iterable[str], place: str) -> Iterator[Finding]:
    for field in fields:
        at = Place(place, field.line)
        if field.of is not None and field.text is not None:
            yield _fault(DeliveryCode.PROFILE_CLASH, at, f"a cell has both `of: {field.of}` and a `text`", "keep one")
        if field.too_long == "cut" and field.of in _WHOLE:
            yield _fault(
                DeliveryCode.PROFILE_CLASH, at, f"a `{field.of}` that is cut is another one", "say `too_long: refuse`"
            )
        if field.of is not None and field.of not in known:
            message = f"unknown word `{field.of}`"
            yield _fault(DeliveryCode.PROFILE_WORD, at, message, nearest_help(field.of, known, "word"))


def _twice(layout: Layout, place: str) -> Iterator[Finding]:
    """Find words that fill two cells: read back, they could say two things. Totals may close what they opened."""
    parts: list[Iterable[Field]] = [layout.columns, *layout.head, *layout.trailer]
    for part in parts:
        seen: set[str] = set()
        for field in part:
            if field.of is not None and field.of in seen:
                yield _fault(
                    DeliveryCode.PROFILE_CLASH, Place(place, field.line), f"`{field.of}` stands twice", "keep one"
                )
            seen.add(field.of or "")


def _file_name(written: str, at: Place) -> Iterator[Finding]:
    try:
        used = {name for _, name, _, _ in Formatter().parse(written) if name is not None}
    except ValueError:
        used = {written}
    for word in sorted(used - _FILE_WORDS):
        yield _fault(DeliveryCode.PROFILE_WORD, at, f"unknown word `{word}`", nearest_help(word, _FILE_WORDS, "word"))
    for word in sorted(_FILE_NEEDS - used):
        message = f"`file_name` has no `{{{word}}}`: two files would have one name"
        yield _fault(DeliveryCode.PROFILE_INCOMPLETE, at, message, f"write {{{word}}} in it")
    if "/" in written or "\\" in written:
        yield _fault(DeliveryCode.PROFILE_CLASH, at, "a file's name holds no folder", "take the slash out")


def _fault(code: Code, at: Place, message: str, remedy: str | None = None) -> Finding:
    return Finding(code, at, message, remedy)
