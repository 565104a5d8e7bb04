"""Checks of a version's terms that need no expression: days, periods, references between its parts."""

from core.days import MONTHS_OF, PeriodKind
from core.findings import nearest_help
from core.ledger import Cause
from core.timetables import Timetable
from profiles.catalogue import Catalogue
from rules.areas import BadCodeError, check_area
from rules.asked_facts import check_question
from rules.before_money import check_before_money
from rules.codes import RuleCode
from rules.funding import check_funding
from rules.netting_terms import check_netting, relation_named
from rules.offset import check_offset
from rules.passages import Faults, Key
from rules.tree import KIND_OF, Kind
from rules.version import Backdate, Pay, Terms, WrittenVersion
from rules.vocabulary import Vocabulary

_LAST_DAY = 31  # a day that a month lacks is its last day
_LAST_MONTH = {"quarterly": 3, "yearly": 12}


def check_terms(written: WrittenVersion, catalogue: Catalogue, vocabulary: Vocabulary, faults: Faults) -> None:
    """Record what is wrong with a version outside its expressions."""
    _check_head(written, catalogue, faults)
    _check_identifiers(written, faults)
    _check_pay(written.terms.pay, faults)
    _check_queue(written.terms, faults)
    _check_calendar(written.terms, catalogue, faults)
    _check_version_by(written.terms, vocabulary, faults)
    _check_own_periods(written.terms, vocabulary, faults)
    _check_payee(written, catalogue, faults)
    check_before_money(written, faults)
    check_question(written, catalogue, vocabulary, faults)
    if written.terms.backdate is not None:
        _check_backdate(written.terms.backdate, written, vocabulary, faults)
    for count, *keys in _counts(written):
        if isinstance(count, int) and count < 0:
            faults.add(RuleCode.BAD_TERMS, f"expected 0 or more, found {count}", *keys, remedy="0 means none")
    check_netting(written, catalogue, faults)
    check_funding(written, faults)
    check_offset(written, faults)
    low_high = written.guard.count
    if low_high is not None and not 0 <= low_high[0] <= low_high[1]:
        faults.add(
            RuleCode.BAD_TERMS,
            "the smaller count stands first",
            "guard",
            "count",
            remedy="write `count: [least, most]`",
        )


def timetable_of(terms: Terms, catalogue: Catalogue) -> Timetable:
    """Return how days are cut into the periods of a version.

    Expects: `check_terms` has found no fault.
    """
    declared = catalogue.calendars.get(terms.calendar or "")
    return Timetable(terms.period, is_own=terms.starts is not None) if declared is None else declared.timetable


def _check_calendar(terms: Terms, catalogue: Catalogue, faults: Faults) -> None:
    keys = ("terms", "calendar")
    calendar = catalogue.calendars.get(terms.calendar or "")
    if (terms.period is PeriodKind.DECLARED) != (terms.calendar is not None):
        remedy = "name a calendar with `period: calendar`, and only there"
        faults.add(RuleCode.BAD_TERMS, "`period` and `calendar` do not fit", "terms", "period", remedy=remedy)
    elif terms.calendar is not None and calendar is None:
        help_line = nearest_help(terms.calendar, catalogue.calendars, "calendar")
        help_line = help_line or "declare it in `catalogue/calendars.yaml`"
        faults.add(RuleCode.BAD_REFERENCE, f"no calendar is called `{terms.calendar}`", *keys, remedy=help_line)
    has_census = calendar is not None and calendar.periods and all(each.census for each in calendar.periods)
    if terms.counts == "census_day" and not has_census:
        message = "`counts: census_day` needs a calendar whose periods all have a `census` day"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "counts", remedy="count another day, or add the census days")


def _check_head(written: WrittenVersion, catalogue: Catalogue, faults: Faults) -> None:
    if written.subject not in catalogue.kinds:
        remedy = nearest_help(written.subject, catalogue.kinds, "kind")
        faults.add(RuleCode.UNKNOWN_KIND, f"unknown kind of subject `{written.subject}`", "subject", remedy=remedy)
    try:
        check_area(written.region)
    except BadCodeError as fault:
        faults.add(RuleCode.BAD_CODE, fault.message, "region", remedy=fault.remedy)
    if written.version < 1:
        faults.add(
            RuleCode.BAD_TERMS,
            f"versions are numbered from 1, found {written.version}",
            "version",
            remedy="take the next number",
        )
    if written.valid_through is not None and written.valid_through < written.valid_from:
        message = f"`valid_through` {written.valid_through} is before `valid_from` {written.valid_from}"
        faults.add(RuleCode.DAYS_ORDER, message, "valid_through", remedy="both days are inclusive")


def _check_identifiers(written: WrittenVersion, faults: Faults) -> None:
    if not written.criteria:
        faults.add(
            RuleCode.NO_CRITERIA, "a version has at least one criterion", "criteria", remedy="say who is entitled"
        )
    remedy = "give each a name of its own"
    for section, names in (
        ("criteria", [criterion.id for criterion in written.criteria]),
        ("examples", [example.name for example in written.examples]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                faults.add(
                    RuleCode.DUPLICATE_ID, f"`{name}` stands twice in `{section}`", section, index, remedy=remedy
                )


def _check_pay(pay: Pay, faults: Faults) -> None:
    remedy = "31 is the last day of any month"
    if not 1 <= pay.day <= _LAST_DAY:
        faults.add(
            RuleCode.BAD_TERMS, f"expected a day from 1 to 31, found {pay.day}", "terms", "pay", "day", remedy=remedy
        )
    last = _LAST_MONTH.get(pay.calendar, 1)
    if not 1 <= pay.month <= last:
        message = f"`calendar: {pay.calendar}` has months from 1 to {last}, found {pay.month}"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "pay", "month", remedy="leave `month` out, or mend `calendar`")


def _check_queue(terms: Terms, faults: Faults) -> None:
    if terms.pay.after is None:
        return
    keys = ("terms", "pay", "after")
    if terms.period in {PeriodKind.ONCE, PeriodKind.EVENT}:
        message = f"`after: {terms.pay.after}` waits for the end of what a period lies in, `period: {terms.period}` lies in none"
        faults.add(RuleCode.BAD_TERMS, message, *keys, remedy="leave `after` out, or pay by month, quarter or year")
    if terms.pay.advance:
        message = "`advance` pays ahead, and `after` lets everything wait"
        faults.add(RuleCode.BAD_TERMS, message, *keys, remedy="take one of them")


def _check_payee(written: WrittenVersion, catalogue: Catalogue, faults: Faults) -> None:
    """Record a payee that no relation from whoever is paid for leads to."""
    term, kind = written.terms.payee, catalogue.kinds.get(written.subject)
    if term is None or kind is None:
        return
    keys = ("terms", "payee", "relation")
    relation = relation_named(catalogue, term.relation)
    paid_for = kind.code if kind.of is None else catalogue.relations[kind.of].other
    if relation is None:
        remedy = nearest_help(term.relation, catalogue.relations, "relation")
        faults.add(RuleCode.UNKNOWN_NAME, f"unknown relation `{term.relation}`", *keys, remedy=remedy)
    elif relation.subject != paid_for:
        message = f"`{relation.code}` starts from a `{relation.subject}`, paid is for a `{paid_for}`"
        faults.add(RuleCode.BAD_REFERENCE, message, *keys, remedy="name a relation from whoever is paid for")


def _check_version_by(terms: Terms, vocabulary: Vocabulary, faults: Faults) -> None:
    word = terms.version_by
    if word is None:
        if terms.facts is not None:
            message = "`facts: latest` goes with `version_by`, which says by which version they are judged"
            faults.add(
                RuleCode.BAD_TERMS, message, "terms", "facts", remedy="name the event's day, or leave `facts` out"
            )
        return
    keys = ("terms", "version_by")
    _check_names_a_day(word, vocabulary, faults, *keys)
    if terms.period not in {PeriodKind.ONCE, PeriodKind.EVENT}:
        message = f"`version_by` names one day, `period: {terms.period}` asks many"
        faults.add(RuleCode.BAD_TERMS, message, *keys, remedy="write `period: event`, or leave `version_by` out")


def _check_own_periods(terms: Terms, vocabulary: Vocabulary, faults: Faults) -> None:
    """Record a day that no periods are counted from, and a yearly amount that no periods share."""
    if terms.starts is not None:
        _check_names_a_day(terms.starts, vocabulary, faults, "terms", "starts")
        if terms.period not in MONTHS_OF:
            message = f"`starts` counts months, quarters or years, found `period: {terms.period}`"
            remedy = "leave `starts` out, or pay by month, quarter or year"
            faults.add(RuleCode.BAD_TERMS, message, "terms", "starts", remedy=remedy)
    if terms.amount_for is not None and terms.period not in {PeriodKind.MONTH, PeriodKind.QUARTER}:
        message = f"`amount_for: year` is shared by months or quarters, found `period: {terms.period}`"
        faults.add(
            RuleCode.BAD_TERMS, message, "terms", "amount_for", remedy="leave it out, or pay by month or quarter"
        )


def _check_names_a_day(word: str, vocabulary: Vocabulary, faults: Faults, *keys: Key) -> None:
    attribute = vocabulary.attribute(word)
    if attribute is None:
        faults.add(RuleCode.UNKNOWN_NAME, f"unknown attribute `{word}`", *keys, remedy=vocabulary.remedy(word))
    elif KIND_OF[attribute.fact_type.type] is not Kind.DATE:
        faults.add(RuleCode.WRONG_TYPE, f"expected {Kind.DATE.value}, found `{word}`", *keys)


def _check_backdate(backdate: Backdate, written: WrittenVersion, vocabulary: Vocabulary, faults: Faults) -> None:
    identifiers = [criterion.id for criterion in written.criteria]
    for index, waived in enumerate(backdate.waives):
        if waived not in identifiers:
            remedy = nearest_help(waived, identifiers, "criterion")
            keys: tuple[Key, ...] = ("terms", "backdate", "waives", index)
            faults.add(RuleCode.BAD_REFERENCE, f"no criterion is called `{waived}`", *keys, remedy=remedy)
    named: list[tuple[str, tuple[Key, ...]]] = [(backdate.from_, ("from",))]
    named += [(word, ("reads", index)) for index, word in enumerate(backdate.reads)]
    for word, steps in named:
        keys = ("terms", "backdate", *steps)
        attribute = vocabulary.attribute(word)
        if attribute is None:
            faults.add(RuleCode.UNKNOWN_NAME, f"unknown attribute `{word}`", *keys, remedy=vocabulary.remedy(word))
        elif steps == ("from",) and KIND_OF[attribute.fact_type.type] is not Kind.DATE:
            faults.add(RuleCode.WRONG_TYPE, f"expected {Kind.DATE.value}, found `{word}`", *keys)


def _counts(written: WrittenVersion) -> list[tuple[int | str | None, *tuple[Key, ...]]]:
    terms, arrears = written.terms, written.terms.arrears
    causes = arrears.causes if arrears else None
    return [
        (arrears.months if arrears else None, "terms", "arrears", "months"),
        *((getattr(causes, each), "terms", "arrears", "causes", each) for each in Cause if causes),
        (terms.backdate.months if terms.backdate else None, "terms", "backdate", "months"),
        (terms.grace.periods, "terms", "grace", "periods"),
        *((each.at_most, "excludes", index, "at_most") for index, each in enumerate(written.excludes)),
        *((each.months, "excludes", index, "months") for index, each in enumerate(written.excludes)),
    ]
