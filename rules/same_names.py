"""Names that policies must not share: an item code or a title that belongs to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from core.findings import Finding
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.passages import Faults


def check_names(versions: Iterable[RuleVersion]) -> list[Finding]:
    """Return where two policies have one item code or one title, by their newest versions; told of each of them."""
    newest = {version.policy: version for version in sorted(versions, key=lambda each: each.version)}
    every = [version for _, version in sorted(newest.items())]
    return [*_shared(every, "item_code", is_error=True), *_shared(every, "title", is_error=False)]


def _shared(versions: Sequence[RuleVersion], field: str, *, is_error: bool) -> Iterator[Finding]:
    holders: defaultdict[str, list[RuleVersion]] = defaultdict(list)
    for version in versions:
        holders[getattr(version.written, field)].append(version)
    for name, sharing in holders.items():
        for version in sharing:
            others = [other.policy for other in sharing if other is not version]
            if others:
                faults = Faults(version.script)
                message = f"`{name}` is the `{field}` of `{others[0]}` too"
                remedy = "each policy has its own: people, pages and payment orders go by it"
                faults.add(RuleCode.DUPLICATE_NAME, message, field, remedy=remedy, warn=not is_error)
                yield from faults.findings
