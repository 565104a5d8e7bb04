"""The letters: one data file per kind of notice, Chinese first, versioned, with variables and no logic.

Every fault of a template is found when it is read, so that no letter can go out with an empty word.
A workspace may put its own letters above the shipped ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import Field

from core.errors import DeliveryError
from core.findings import Finding, Place, nearest_help
from core.ledger import NoticeKind
from core.strict_yaml import Written, read_yaml
from delivery.codes import DeliveryCode
from delivery.notices import VARIABLES

SHIPPED = Path(__file__).with_name("templates")
RECIPIENT = ("name", "you")  # the name, masked where it is a person's, and 您 or 贵单位
_BRACES = "write a variable as `{title}`, and a brace itself twice"


class WrittenTemplate(Written):
    """One letter, as its author writes it; `{word}` stands for a value."""

    notice: Annotated[NoticeKind, Field(strict=False)]
    version: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Template:
    """One letter whose every variable its notice is known to carry."""

    template_id: str
    subject: str
    body: str

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """Return `subject` or `body` with each variable in its place; values are never read as templates."""
        return "".join(before + (values[name] if name else "") for before, name in _parts(text))


@cache  # a letter is read once and filled for a hundred thousand people
def _parts(text: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((before, name) for before, name, _, _ in Formatter().parse(text))


def read_templates(own: Path | None = None) -> dict[NoticeKind, Template]:
    """Return the letter for each kind of notice: the workspace's own, or else the shipped one.

    Fails: `DeliveryError` where a letter cannot be filled.
    """
    folders = [SHIPPED] if own is None or not own.is_dir() else [SHIPPED, own]
    findings: list[Finding] = []
    templates: dict[NoticeKind, Template] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        name = f"{path.parent.name}/{path.name}"
        written = read_yaml(path, WrittenTemplate, error=DeliveryError, name=name)
        findings += _faults(written, name)
        template_id = f"{written.notice.value}@{written.version}"
        templates[written.notice] = Template(template_id, written.subject, written.body)
    if findings:
        raise DeliveryError(findings)
    assert set(templates) == set(NoticeKind), "a kind of notice is shipped without its letter"
    return templates


def _faults(written: WrittenTemplate, name: str) -> Iterator[Finding]:
    known = (*RECIPIENT, *VARIABLES[written.notice])
    place = Place(name, written.line)
    for text in (written.subject, written.body):
        try:
            parts = list(Formatter().parse(text))
        except ValueError as fault:
            message = f"the text cannot be filled: {fault}".replace("'", "`")
            yield Finding(DeliveryCode.TEMPLATE_FORM, place, message, _BRACES)
            continue
        for _, word, spec, conversion in parts:
            if spec or conversion:
                message = f"`{{{word}}}` asks for a format; values are shown as they are"
                yield Finding(DeliveryCode.TEMPLATE_FORM, place, message, f"write `{{{word}}}` alone")
            if word is not None and word not in known:
                message = f"a notice of kind `{written.notice.value}` carries no `{word}`"
                yield Finding(DeliveryCode.TEMPLATE_VARIABLE, place, message, nearest_help(word, known, "variable"))
