"""工作手册 and 申兑指南 as pages that stand by themselves: they open offline and print on A4.

The same sheet serves the public, without its appendix of data and departments.
"""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.authoring.guide import Guide
from pages.words import CERTAINTY_WORDS

_BESIDE = Path(__file__).parent


def guide_page(guide: Guide, *, is_public: bool = False) -> str:
    """Return one guide as a whole page."""
    return _page(f"{guide.title} · 申兑指南", guides=[guide], listed=[], is_public=is_public)


def guide_index(listed: Sequence[tuple[Guide, str]]) -> str:
    """Return the list of guides, each with the file it stands in."""
    return _page("政策事项清单", guides=[], listed=listed, is_public=False)


def guide_files(guides: Sequence[Guide], to: Path, *, is_one: bool, is_public: bool) -> dict[Path, str]:
    """Return the files to write: one page at a path, or a page for each policy and their list in a folder."""
    if is_one:
        return {to: guide_page(guides[0], is_public=is_public)}
    listed = [(each, f"{each.policy}.html") for each in guides]
    pages = {to / name: guide_page(each, is_public=is_public) for each, name in listed}
    return {to / "index.html": guide_index(listed)} | pages


def _page(title: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(_BESIDE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = (_BESIDE / "static" / "guide.css").read_text("utf-8")
    return environment.get_template("guide.html").render(title=title, style=style, certainty=CERTAINTY_WORDS, **values)
