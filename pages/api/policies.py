"""What anybody may read by machine: the policies that stand, and each one's guide; nothing of any person."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Query, Response
from pydantic import BaseModel, Field

from core.ids import bytes_digest
from engine.authoring.public_list import Search, public_guide, public_policies
from pages.api.calls import Here, not_there
from pages.api.forms import Asked, PolicyCode, Said, Words
from pages.api.routes import Endpoint

_PAGE_MAX, _NUMBER_MAX = 200, 10_000
_DIGEST_SIGNS = 32


class Looking(Asked):
    """What is looked for; what is left out leaves everything in."""

    words: Annotated[Words, Field(max_length=100, description="Words that all stand in title, summary or owner.")] = ""
    owner: Annotated[Words, Field(max_length=100, description="主管部门 · the department, as `owner` says it.")] = ""
    subject: Annotated[Words, Field(max_length=100, description="对象 · as `subject` says it.")] = ""
    benefit: Annotated[Words, Field(max_length=100, description="享受形式 · as `benefit` says it.")] = ""
    page: Annotated[int, Field(ge=1, le=_NUMBER_MAX)] = 1
    page_size: Annotated[int, Field(ge=1, le=_PAGE_MAX)] = 50


class PolicyLine(Said):
    """A policy as the list shows it."""

    policy: str
    title: str
    summary: str
    owner: str
    subject: str
    benefit: str
    lane: str
    is_suspended: bool


class PolicyPage(Said):
    """A part of the policies that were looked for, by department and title."""

    total_count: int
    page: int
    page_size: int
    policies: list[PolicyLine]


class Condition(Said):
    """A condition in words; `data` are the labels of the facts that decide it."""

    label: str
    wording: str
    article: str | None
    remedy: str | None
    actionable: bool
    data: list[str]


class Standard(Said):
    """A line of the standard: for whom, and how much."""

    component: str | None
    when: str
    amount: str
    article: str | None


class Term(Said):
    """One thing that the terms fix."""

    about: str
    words: str


class Document(Said):
    """A document that the policy carries out; `certainty` says how surely it was found: S in a source, K known, I concluded."""

    doc: str
    article: str | None
    signed_on: dt.date | None
    certainty: str


class Office(Said):
    """Whom people ask."""

    office: str
    phone: str | None
    address: str | None
    hours: str | None


class PolicyGuide(Said):
    """申兑指南: the version of a policy that stands today, as people read it."""

    policy: str
    version: int
    item_code: str
    title: str
    owner: str
    subject: str
    region: str
    summary: str | None
    lane: str
    benefit: str
    stands: str
    conditions: list[Condition]
    amounts: list[Standard]
    each: str
    terms: list[Term]
    steps: list[str]
    basis: list[Document]
    contact: Office | None
    as_of: dt.date


IfNoneMatch = Annotated[str, Header(description="The ETag of what you have; unchanged is answered by 304.")]


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    return [
        Endpoint("GET", "/v1/policies", policies, PolicyPage, "政策清单 · the policies that stand today"),
        Endpoint("GET", "/v1/policies/{policy}", guide, PolicyGuide, "申兑指南 · one policy as people read it"),
    ]


def policies(here: Here, asked: Annotated[Looking, Query()], if_none_match: IfNoneMatch = "") -> Response:
    """List the policies of which a version stands today, part by part; a page beyond the last one is empty."""
    search = Search(asked.words, asked.owner, asked.subject, asked.benefit)
    found = [each for each in public_policies(here) if search.takes(each)]
    first = (asked.page - 1) * asked.page_size
    shown = [PolicyLine.model_validate(each) for each in found[first : first + asked.page_size]]
    said = PolicyPage(total_count=len(found), page=asked.page, page_size=asked.page_size, policies=shown)
    return _tagged(said, if_none_match)


def guide(here: Here, policy: PolicyCode, if_none_match: IfNoneMatch = "") -> Response:
    """Show conditions, standard, terms, steps and documents of one policy."""
    found = public_guide(here, policy)
    if found is None:
        raise not_there()
    return _tagged(PolicyGuide.model_validate(found), if_none_match)


def _tagged(said: BaseModel, known: str) -> Response:
    """Return an answer with its tag, or nothing but the tag where it is the one that is known."""
    body = said.model_dump_json().encode()
    tag = f'"{bytes_digest(body)[:_DIGEST_SIGNS]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if known.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
