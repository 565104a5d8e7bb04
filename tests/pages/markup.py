"""What a page must have so that everybody can use it, read off its markup."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_FIELDS = frozenset({"input", "select", "textarea"})
_VOID = frozenset({"input", "meta", "link", "br", "img", "hr"})


@dataclass
class Markup(HTMLParser):
    """Reads a page and collects what is wrong with it, in words."""

    faults: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin as a parser does."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element as it begins."""
        known = dict(attrs)
        if (
            tag in _FIELDS
            and known.get("type") != "hidden"
            and "label" not in self.opened
            and "aria-label" not in known
        ):
            self.faults.append(f"a field without a label: {known.get('name')}")
        if tag == "th" and "scope" not in known:
            self.faults.append("a heading of a table without its scope")
        if tag in {"script", "link", "img"} and any(
            (known.get(key) or "/").partition("//")[0] for key in ("src", "href")
        ):
            self._own(known)
        self.faults += [f"{name} stands on {tag}" for name in known if name == "style" or name.startswith("on")]
        if (own := known.get("id")) is not None:
            self.faults += [f"the id {own} stands twice"] if own in self.ids else []
            self.ids.add(own)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag not in _VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag not in self.opened:
            self.faults.append(f"{tag} is closed and was not opened")
            return
        while self.opened.pop() != tag:
            pass

    def _own(self, known: dict[str, str | None]) -> None:
        path = known.get("src") or known.get("href") or "/"
        if not path.startswith("/") or path.startswith("//"):
            self.faults.append(f"{path} is another host's")


def faults_of(page: str) -> list[str]:
    """Return what is wrong with a page: nothing, where everybody can use it."""
    markup = Markup()
    markup.feed(page)
    jumps = [below for above, below in zip(markup.headings, markup.headings[1:], strict=False) if below > above + 1]
    found = list(markup.faults)
    found += (
        [] if markup.headings[:1] == [1] and markup.headings.count(1) == 1 else ["not one heading of the page, first"]
    )
    found += [f"a heading of level {level} follows none of the level above" for level in jumps]
    return found
