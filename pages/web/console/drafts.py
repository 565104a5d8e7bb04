"""A draft in an officer's hands: its text, what is wrong with it and on which line, and what it says in plain Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from core.errors import RuleError
from core.findings import Finding
from engine.authoring.drafts import DraftFile, draft_file, guide_of_draft, look_at, save_draft
from pages.web.console.policies import PLACE, WRITES, number_of
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.proposals import pending_proposal

_REFUSED = 409


@dataclass(frozen=True, slots=True)
class _Remark:
    """A finding beside the line that it is about."""

    finding: Finding
    line: int | None
    excerpt: str


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE + "/{policy}/{version}/edit", edit, For.OFFICER, WRITES),
        deed(PLACE + "/{policy}/{version}/check", check, For.OFFICER, WRITES),
        deed(PLACE + "/{policy}/{version}/save", save, For.OFFICER, WRITES),
    ]


def edit(visit: Visit) -> Response:
    """Show a draft as its file stands."""
    draft = draft_of(visit)
    return _sheet(visit, draft, draft.text)


def check(visit: Visit) -> Response:
    """Say what is wrong with a text; nothing is written."""
    return _sheet(visit, draft_of(visit), _text(visit), before=visit.given("before"))


def save(visit: Visit) -> Response:
    """Save a text; what cannot be saved stays on the page, so that nobody's work is lost."""
    draft, text = draft_of(visit), _text(visit)
    if visit.given("before") != draft.digest:
        return _sheet(visit, draft, text, is_overtaken=True, status_code=_REFUSED)
    try:
        save_draft(visit.deployment, draft, text, by=visit.by)
    except RuleError:  # the look at the text says the same
        return _sheet(visit, draft, text, is_unsaved=True, status_code=_REFUSED)
    return visit.say(_place(draft), "已保存")


def _sheet(
    visit: Visit,
    draft: DraftFile,
    text: str,
    *,
    before: str | None = None,
    is_overtaken: bool = False,
    is_unsaved: bool = False,
    status_code: int = 200,
) -> Response:
    look = look_at(visit.deployment, draft, text)
    with visit.deployment.store.reading() as rx:
        waiting = pending_proposal(rx, draft.policy)
    return visit.page(
        "console/draft.html",
        status_code=status_code,
        draft=draft,
        place=_place(draft).removesuffix("/edit"),
        text=text,
        before=draft.digest if before is None else before,
        is_saved=text == draft.text,
        is_overtaken=is_overtaken,
        is_unsaved=is_unsaved,
        look=look,
        remarks=_remarks(text, visit.said(look.findings)),
        guide=guide_of_draft(visit.deployment, look.version) if look.version else None,
        waiting=waiting,
        done=visit.asked("done"),
    )


def _remarks(text: str, findings: Sequence[Finding]) -> list[_Remark]:
    lines = text.split("\n")
    shown = []
    for each in findings:
        line = each.place.line
        excerpt = lines[line - 1].strip() if line is not None and line <= len(lines) else ""
        shown.append(_Remark(each, line, excerpt))
    return shown


def draft_of(visit: Visit) -> DraftFile:
    """Return the draft in the address."""
    try:
        return draft_file(visit.deployment, visit.named("policy"), number_of(visit))
    except RuleError:
        raise missing() from None


def _text(visit: Visit) -> str:
    """Return the text of the form: browsers end its lines in their own way, and files end with a line end."""
    sent = visit.form.get("text")
    text = sent.replace("\r\n", "\n").replace("\r", "\n") if isinstance(sent, str) else ""
    return text if text.endswith("\n") else text + "\n"


def _place(draft: DraftFile) -> str:
    return f"{PLACE}/{draft.policy}/{draft.version}/edit"
