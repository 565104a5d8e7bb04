"""The letters: one data file per kind of notice, Chinese first, versioned, with variables and no logic.

Every fault of a template is found when it is read, so that no letter can go out with an empty word. A workspace may put
its own letters above the shipped ones. Greeting and owner stand around every letter, so they are in none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import Field

from core.errors import DeliveryError
from core.findings import Finding, Place, nearest_help
from core.ids import text_digest
from core.ledger import NoticeKind
from core.strict_yaml import Written, read_yaml
from delivery.codes import DeliveryCode
from delivery.notice_values import VARIABLES

SHIPPED = Path(__file__).with_name("templates")
RECIPIENT = ("name", "you")  # the name, masked where it is a person's, and 您 or 贵单位
_BRACES = "write a variable as `{title}`, and a brace itself twice"
_LINK = re.compile(r"(?i)https?:|www\.|[a-z0-9-]+\.(?:cn|com|net|org|gov)\b")


class WrittenTemplate(Written):
    """One letter, as its author writes it; `{word}` stands for a value. `sms` is what a text message says."""

    notice: Annotated[NoticeKind, Field(strict=False)]
    version: int
    subject: str
    body: str
    sms: str


@dataclass(frozen=True, slots=True)
class Template:
    """One letter whose every variable its notice is known to carry."""

    template_id: str
    subject: str
    body: str
    sms: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the letter as it is written."""
        return _digest(self.template_id, self.subject, self.body, self.sms)

    @property
    def names_recipient(self) -> bool:
        """Say whether the recipient's name stands in its own words, and not only before them."""
        return any(RECIPIENT[0] in self.named(text) for text in (self.subject, self.body, self.sms))

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """Return a text of it with each variable in its place; values are never read as templates."""
        return "".join(before + (values[name] if name else "") for before, name in _parts(text))

    def named(self, text: str) -> tuple[str, ...]:
        """Return the variables of a text of it, in order, each once."""
        return _names(text)


_digest = cache(text_digest)


@cache
def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name in _parts(text) if name))


@cache  # a letter is read once and filled for a hundred thousand people
def _parts(text: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((before, name) for before, name, _, _ in Formatter().parse(text))


def read_templates(own: Path | None = None, *, may_link: bool = False) -> dict[NoticeKind, Template]:
    """Return the letter for each kind of notice: the workspace's own, or else the shipped one.

    Fails: `DeliveryError` where a letter cannot be filled, or where its text message holds a link that nobody allowed.
    """
    folders = [SHIPPED] if own is None or not own.is_dir() else [SHIPPED, own]
    findings: list[Finding] = []
    templates: dict[NoticeKind, Template] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        name = f"{path.parent.name}/{path.name}"
        written = read_yaml(path, WrittenTemplate, error=DeliveryError, name=name)
        findings += _faults(written, name, may_link=may_link)
        template_id = f"{written.notice.value}@{written.version}"
        templates[written.notice] = Template(template_id, written.subject, written.body, written.sms)
    if findings:
        raise DeliveryError(findings)
    assert set(templates) == set(NoticeKind), "a kind of notice is shipped without its letter"
    return templates


def _faults(written: WrittenTemplate, name: str, *, may_link: bool) -> Iterator[Finding]:
    place = Place(name, written.line)
    for text in (written.subject, written.body, written.sms):
        yield from _of_text(written.notice, text, place)
    if not may_link and (link := _LINK.search(written.sms)):
        message = f"the text message holds a link: `{link[0]}`"
        remedy = "take it out, for links in text messages teach people to trust fraud; or set `links` of the gateway"
        yield Finding(DeliveryCode.LINK_IN_TEXT, place, message, remedy)


def _of_text(kind: NoticeKind, text: str, place: Place) -> Iterator[Finding]:
    known = (*RECIPIENT, *VARIABLES[kind])
    try:
        parts = list(Formatter().parse(text))
    except ValueError as fault:
        message = f"the text cannot be filled: {fault}".replace("'", "`")
        yield Finding(DeliveryCode.TEMPLATE_FORM, place, message, _BRACES)
        return
    for _, word, spec, conversion in parts:
        if spec or conversion:
            message = f"`{{{word}}}` asks for a format; values are shown as they are"
            yield Finding(DeliveryCode.TEMPLATE_FORM, place, message, f"write `{{{word}}}` alone")
        if word is not None and word not in known:
            message = f"a notice of kind `{kind.value}` carries no `{word}`"
            yield Finding(DeliveryCode.TEMPLATE_VARIABLE, place, message, nearest_help(word, known, "variable"))
