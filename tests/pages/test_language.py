"""Which language a page speaks, and that a language says all that a page has to say."""

import html
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from core.languages import Language
from engine.deployment import Deployment
from pages.language.choice import COOKIE, language_read
from pages.language.departments import OFFICES
from pages.language.foreign import with_chinese_marked
from pages.language.implicit import with_messages
from pages.language.scripts import has_chinese
from pages.language.translating import catalogue_of, words_in
from pages.terminal.audit import EVENT_WORDS
from pages.web.app import create_app
from pages.web.rendering import environment_in
from tests.pages.full_desk import CLERK, full_desk
from tests.pages.markup import faults_of
from tests.repo.page_words import broken_sentences, text_of, updated
from tests.repo.repository import modules
from tests.trial_world import OFFICER, PASSWORD, trial_world

READ_BACK = "pages/web/console/cases.py"
"""A label with a number, which is read back."""

_EVENT = re.compile(r"\brecord\(\s*\w+,\s*\"([a-z_]+\.[a-z_]+)\"")
_PLACE = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("language") / "w") as opened:
        yield opened


@pytest.fixture
def client(deployment: Deployment) -> Iterator[TestClient]:
    with TestClient(create_app(deployment)) as opened:
        yield opened


@given(chosen=st.one_of(st.none(), st.sampled_from(["zh", "en", "", "fr", "zh-CN"])), accepted=st.text(max_size=60))
@example(chosen=None, accepted="en;q=nan, zh")
@example(chosen=None, accepted="," * 600)
def test_a_choice_stands_above_what_a_browser_asks_for(chosen: str | None, accepted: str) -> None:
    """Whatever comes, there is a language; the switch's own words decide, and other words in its place decide nothing."""
    found = language_read(chosen, accepted)

    assert found == (Language(chosen) if chosen in {"zh", "en"} else language_read(None, accepted))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, Language.CHINESE),
        ("", Language.CHINESE),
        ("fr-CA, fr;q=0.8", Language.CHINESE),
        ("en-GB,en;q=0.9", Language.ENGLISH),
        ("zh-TW,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("fr, zh;q=0.3, en;q=0.7", Language.ENGLISH),
        ("en;q=0, zh-CN", Language.CHINESE),
        ("en;q=0", Language.CHINESE),
        ("EN-us", Language.ENGLISH),
        ("en;q=nan", Language.CHINESE),
        ("en;q=high", Language.CHINESE),
    ],
)
def test_a_browser_is_answered_in_the_first_language_that_pages_speak(accepted: str | None, language: Language) -> None:
    """By the weights of its header; what is neither Chinese nor English leads to Chinese."""
    assert language_read(None, accepted) is language


def test_the_switch_stands_on_every_page_and_is_kept(client: TestClient) -> None:
    """A page says its language and offers the other one; what is chosen holds, and something else is missing."""
    chinese = client.get("/login").text
    english = client.post(
        "/language", data={"language": "en", "next": "/login"}, headers={"accept-language": "zh"}
    ).text

    assert '<html lang="zh-CN"' in chinese
    assert '<button class="plain" name="language" value="en" lang="en">English</button>' in chinese
    assert '<html lang="en"' in english
    assert "<h1>Log in</h1>" in english
    assert '<button class="plain" name="language" value="zh" lang="zh-CN">中文</button>' in english
    assert faults_of(english) == faults_of(chinese)
    assert client.get("/login", headers={"accept-language": "zh-CN"}).text == english
    assert client.post("/language", data={"language": "fr"}).status_code == 404
    assert client.cookies[COOKIE] == "en"


def test_a_page_that_fails_or_is_missing_speaks_it_too(client: TestClient) -> None:
    """Nobody is there yet, and still it is said in the language of who asks."""
    said = client.get("/nowhere", headers={"accept-language": "en"}).text

    assert "This page was not found" in said
    assert 'lang="en"' in said


def test_what_is_refused_is_said_as_it_was_made(client: TestClient) -> None:
    """A finding is made in English; an English page shows that, a Chinese page the same sentence in Chinese."""
    client.post("/login", data={"login": "qiye1", "password": PASSWORD})
    token = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert token is not None
    form = {"token": token[1], "said": "", "fact": "no", "contact": ""}
    path = "/policies/hightech-award/appeal"

    chinese = client.post(path, data=form)
    english = client.post(path, data=form, headers={"accept-language": "en"})

    assert (chinese.status_code, english.status_code) == (409, 409)
    assert "什么都没有改变" in chinese.text
    assert "nothing has changed" in english.text
    assert _codes(chinese.text) == _codes(english.text) != []


def _codes(page: str) -> list[str]:
    return re.findall(r'<p class="code">(\w+)</p>', page)


SOURCES = [
    ("<p>没有</p>", '<p>{{ gettext("没有") }}</p>'),
    ("<p>  {{ n | length }} 项  </p>", '<p>  {{ gettext("%(n)s 项", n=n | length) }}  </p>'),
    ("<p>{{ a.x }}到{{ b.x }}</p>", '<p>{{ gettext("%(x)s到%(x2)s", x=a.x, x2=b.x) }}</p>'),
    ("<p>{{ a }}到{{ a }}</p>", '<p>{{ gettext("%(a)s到%(a)s", a=a) }}</p>'),
    ('<p title="满 5%">x</p>', '<p title="{{ gettext("满 5%%") }}">x</p>'),
    ('<a href="{{ p }}">去</a>', '<a href="{{ p }}">{{ gettext("去") }}</a>'),
    ('{{ "是" if a else b["否"] }}', '{{ gettext("是") if a else b[gettext("否")] }}'),
    ("{% if a > 1 %}多{% endif %}", '{% if a > 1 %}{{ gettext("多") }}{% endif %}'),
    ('<a {% if a > 1 %}title="多"{% endif %}>x</a>', '<a {% if a > 1 %}title="{{ gettext("多") }}"{% endif %}>x</a>'),
    ('{{ _("是") }}', '{{ _("是") }}'),
    ("一\n二", '{{ gettext("一") }}\n{{ gettext("二") }}'),
    ("{# 不说 #}", "{# 不说 #}"),
    ("{% trans %}共 <b>{{ n }}</b> 项{% endtrans %}", "{% trans %}共 <b>{{ n }}</b> 项{% endtrans %}"),
    ("他说“好\\”", '{{ gettext("他说“好\\\\”") }}'),
    ("<p>plain {{ a }} · {{ b }}</p>", "<p>plain {{ a }} · {{ b }}</p>"),
    ("<{{ level }}>一</{{ level }}>", '<{{ level }}>{{ gettext("一") }}</{{ level }}>'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "read"), SOURCES)
def test_every_chinese_text_of_a_template_is_a_message(source: str, read: str) -> None:
    """In texts, attributes, literals and statements; with what stands between as values, and nothing else touched."""
    assert with_messages(source) == read


@pytest.mark.parametrize(
    ("page", "marked"),
    [
        ("<p>区残联</p>", '<p lang="zh-CN">区残联</p>'),
        ("<p>by 区残联, 12</p>", '<p>by <span lang="zh-CN">区残联</span>, 12</p>'),
        ("<p>区残联 <b>x</b></p>", '<p><span lang="zh-CN">区残联</span> <b>x</b></p>'),
        ("<option value=x>of 区</option>", '<option lang="zh-CN" value=x>of 区</option>'),
        ('<input value="区">', '<input lang="zh-CN" value="区">'),
        ('<p lang="zh-CN">区<b>残联</b></p><i>区</i>', '<p lang="zh-CN">区<b>残联</b></p><i lang="zh-CN">区</i>'),
        ("<p>C02类12区 and 某某</p>", '<p>C02<span lang="zh-CN">类12区</span> and <span lang="zh-CN">某某</span></p>'),
        ("<p>a<br>区</p>", '<p>a<br><span lang="zh-CN">区</span></p>'),
        ("<p>none</p>", "<p>none</p>"),
    ],
)
def test_what_is_chinese_on_an_english_page_says_so(page: str, marked: str) -> None:
    """A whole text marks its element, a part gets one of its own, and what is marked stays as it is."""
    assert with_chinese_marked(page) == marked


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br>", "区", "残联 12", "text", "&lt;", '<i lang="zh-CN">'])
    )
)
def test_marking_changes_no_word(parts: list[str]) -> None:
    """Whatever is open or closed, the same is said; done again, nothing is marked twice."""
    page = "".join(parts)

    once = with_chinese_marked(page)

    assert html.unescape(re.sub(r"<[^>]*>", "", once)) == html.unescape(re.sub(r"<[^>]*>", "", page))
    assert with_chinese_marked(once) == once


def test_an_english_message_has_the_places_of_the_chinese_one() -> None:
    """A place that is left out loses a value, and one too many is a fault on the page."""
    catalogue = words_in(Language.ENGLISH).catalogue
    texts: dict[object, str] = getattr(catalogue, "_catalog")  # noqa: B009  # gettext gives no other way to all of them
    assert len(texts) > 1

    wrong = [
        said
        for said, text in texts.items()
        if isinstance(said, str) and said and sorted(set(_PLACE.findall(said))) != sorted(set(_PLACE.findall(text)))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("made", "read"),
    [
        ("还差3人", "3人 short"),
        ("还差1,000.50元", "¥1,000.50 short"),
        ("超出1.5个百分点", "1.5 percentage points too much"),
        ("晚了约3年", "about 3 yr too late"),
        ("不早于2025年7月1日", "not before Jul 1, 2025"),
        ("2025年7月", "Jul 2025"),
        ("2025年第3季度", "Q3 2025"),
        ("2025年度", "2025"),
        ("2025年9月1日至2026年1月31日", "Sep 1, 2025 to Jan 31, 2026"),
        ("2025年7月1日的贷款", "贷款 of Jul 1, 2025"),
        ("2025年13月1日", "2025年13月1日"),
        ("高新技术企业", "高新技术企业"),
        ("高于标准的，已撤回", "高于标准的，已撤回"),
        ("举报，核查中", "Report, Being investigated"),
        ("", ""),
        ("未知", "unknown"),
    ],
)
def test_words_that_stages_put_together_are_read_back(made: str, read: str) -> None:
    """With what stands in their places; a day that is none, and somebody's own words, stay as they are."""
    assert words_in(Language.ENGLISH).gettext(made) == read
    assert words_in(Language.CHINESE).gettext(made) == made


def test_everything_that_pages_say_has_its_english() -> None:
    """Every Chinese text of templates and words is in the catalogue, with an English text; nothing else is in it."""
    left = [message.id for message in updated() if message.id and not message.string]

    assert left == [], "write its English into pages/locales/en/LC_MESSAGES/pages.po"
    assert catalogue_of(Language.ENGLISH).read_text("utf-8") == text_of(updated()), "run `make words`"


def test_no_module_of_pages_puts_a_chinese_sentence_together() -> None:
    """A sentence with values is one message with places; those that other stages make are read back."""
    places = [place for place, _ in broken_sentences() if place.startswith("pages/web/")]

    assert places == [READ_BACK]


_LETTERS = re.compile(r"[A-Za-z]{3}")
_VOID = frozenset({"input", "meta", "link", "br", "img", "hr", "rect", "line"})

DOCUMENTS = frozenset({"guide"})
"""What is handed on as it is: 申兑指南."""

OF_DATA = frozenset({"一次性", "撤销", *OFFICES})
"""What departments and rules say in the very words of the pages; in lists a department goes by its own name."""


class _Said(HTMLParser):
    """The words of a page: those that are not marked as Chinese, and those that are, without documents."""

    def __init__(self) -> None:
        super().__init__()
        self._open = [(False, False)]  # whether it is marked, and whether it is a document
        self.unmarked: list[str] = []
        self.marked: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        was_marked, was_document = self._open[-1]
        is_marked = said["lang"] == "zh-CN" if "lang" in said else was_marked
        if tag not in _VOID:
            self._open.append((is_marked, was_document or said.get("class") in DOCUMENTS))
        labels = [said[name] or "" for name in ("aria-label", "placeholder") if name in said and not is_marked]
        self.unmarked += [each for each in labels if not _LETTERS.search(each)]  # English about something Chinese

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        is_marked, is_document = self._open[-1]
        if not is_marked:
            self.unmarked.append(data)
        elif not is_document:
            self.marked.add(data.strip())


@pytest.mark.parametrize("login", ["qiye1", OFFICER])
def test_an_english_page_is_chinese_only_where_it_says_so(client: TestClient, login: str) -> None:
    """On every page that links lead to, Chinese is marked, and none of it is a word that the pages have in English."""
    client.post("/login", data={"login": login, "password": PASSWORD})

    left = left_in_chinese(walked(client))

    assert left == []


def test_a_full_desk_is_english_too(tmp_path: Path) -> None:
    """With a batch to approve, a case, lists, a draft, a plan and a grievance on it."""
    desk = full_desk(tmp_path / "w")

    left = left_in_chinese(walked(desk.browsers[CLERK]), {"条件", "符合"})
    desk.close()

    assert left == []


def left_in_chinese(pages: dict[str, str], of_rules: AbstractSet[str] = frozenset()) -> list[tuple[str, str]]:
    """Return what pages say in Chinese without saying so, or although they have it in English, each with its page."""
    assert len(pages) > 8
    own = {message.id for message in updated() if isinstance(message.id, str) and len(message.id) > 1}
    left = []
    for path, text in pages.items():
        said = _Said()
        said.feed(text)
        left += [(path, each) for each in said.unmarked if has_chinese(each)]
        left += [(path, each) for each in sorted((said.marked & own) - OF_DATA - of_rules)]
    return left


def walked(client: TestClient) -> dict[str, str]:
    """Return the pages that links lead to, in English; of those that differ in an id alone, the first."""
    found: dict[str, str] = {}
    kinds: set[str] = set()
    waiting = ["/", "/console", "/public/policies"]
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"(?<=/)[^/]*[-_0-9][^/]*", "X", path)
        if kind in kinds or path.startswith("/static") or path.endswith("/edit"):
            continue
        kinds.add(kind)
        answer = client.get(path, headers={"accept-language": "en"})
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            found[path] = answer.text
            waiting += [html.unescape(each) for each in re.findall(r'href="(/[^"#]*)', answer.text)]
    return found


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("words", ["不高于5.5%", "100%(x)s", "<b>某</b>", '"><script>', "还差3<b>人</b>", "否"])
def test_words_from_elsewhere_are_text_and_nothing_else(language: Language, words: str) -> None:
    """A per cent sign asks for no value, and what somebody typed is no markup, in either language."""
    filled = (
        environment_in(words_in(language), {}).from_string("<p>{{ _(words) }}，{{ words }}</p>").render(words=words)
    )

    assert filled.startswith("<p>")
    assert "<b>" not in filled
    assert "<script>" not in filled
    assert filled.count(html.escape(words).replace("&quot;", "&#34;")) >= 1


def test_every_event_of_the_chain_has_words() -> None:
    """What the code records under a name of its own is called something on the page that searches for it."""
    events = {event for path in modules() for event in _EVENT.findall(path.read_text("utf-8"))}

    assert len(events) > 50
    assert events - set(EVENT_WORDS) == set()
