"""The page of a guide stands by itself, and shows what was written and nothing else."""

import html
import re
from dataclasses import replace
from pathlib import Path

from pages.guide import guide_files, guide_index, guide_page
from tests.engine.authoring.guides import guide

WRITTEN = re.compile(r"<(/?)(\w+)[^>]*?(/?)>")
EMPTY = {"meta", "br", "link", "hr", "img", "input"}


def test_a_page_needs_nothing_else() -> None:
    """It opens offline: no address, no script, no other file; and every tag is closed."""
    page = guide_page(guide())

    assert not re.search(r"https?:|<script|src=|<link|url\(|@import", page)
    open_tags: list[str] = []
    for closing, name, _ in WRITTEN.findall(page.partition("</head>")[2].removesuffix("</html>\n")):
        if closing:
            assert open_tags.pop() == name
        elif name not in EMPTY:
            open_tags.append(name)
    assert open_tags == []


def test_everything_is_on_it() -> None:
    """Conditions with their remedies, amounts, terms, basis, data."""
    made = guide()
    page = guide_page(made)

    words = [each.label for each in made.conditions] + [each.remedy for each in made.conditions if each.remedy]
    words += [each.amount for each in made.amounts] + [each.words for each in made.terms]
    words += (
        [each.doc for each in made.basis] + [each.label for each in made.data] + [each.name for each in made.examples]
    )
    assert [each for each in words if escaped(each) not in page] == []
    assert "草案：本版本尚未发布" in page
    assert "办理前请核对原文" in page


def test_the_public_sees_no_working_papers() -> None:
    """Data, departments' tables, examples and codes of sources are for the office."""
    page = guide_page(guide(), is_public=True)

    assert "附一" not in page
    assert "S-01" not in page
    assert "残疾人证在有效期内" in page


def test_what_an_author_wrote_is_text() -> None:
    """Signs of HTML in a title or a remedy are shown, not obeyed."""
    made = guide()
    hostile = replace(made, title="<script>alert(1)</script>", summary="a & b", conditions=(
        replace(made.conditions[0], remedy="<b>快</b>"),
    ))  # fmt: skip
    page = guide_page(hostile)

    assert "<script" not in page
    assert "<b>快" not in page
    assert "a &amp; b" in page


def test_all_policies_make_a_folder_with_a_list() -> None:
    """Each has its page, and the list leads to it."""
    one, other = guide(), replace(guide(), policy="other", title="另一项")

    made = guide_files([one, other], Path("g"), is_one=False, is_public=False)

    assert [path.as_posix() for path in made] == ["g/index.html", "g/disability-nursing-allowance.html", "g/other.html"]
    assert 'href="other.html"' in guide_index([(other, "other.html")])
    assert guide_files([one], Path("x.html"), is_one=True, is_public=True).keys() == {Path("x.html")}


def escaped(text: str) -> str:
    """Return a text as it stands in HTML."""
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def test_a_benefit_that_pays_nothing() -> None:
    """There is no table of amounts, and it says so."""
    assert "不涉及资金拨付" in guide_page(replace(guide(), amounts=(), benefit="减免"))
