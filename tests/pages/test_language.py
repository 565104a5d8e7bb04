"""Which language a page speaks, and that a language says all that a page has to say."""

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from core.languages import Language
from engine.deployment import Deployment
from pages.language.choice import COOKIE, language_read
from pages.language.foreign import with_chinese_marked
from pages.language.implicit import with_messages
from pages.language.translating import words_in
from pages.web.app import create_app
from tests.pages.markup import faults_of
from tests.trial_world import PASSWORD, trial_world

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
    ("<p>没有</p>", '<p>{{ _("没有") }}</p>'),
    ("<p>  {{ n | length }} 项  </p>", '<p>  {{ _("%(n)s 项", n=n | length) }}  </p>'),
    ("<p>{{ a.x }}到{{ b.x }}</p>", '<p>{{ _("%(x)s到%(x2)s", x=a.x, x2=b.x) }}</p>'),
    ("<p>{{ a }}到{{ a }}</p>", '<p>{{ _("%(a)s到%(a)s", a=a) }}</p>'),
    ('<p title="满 5%">x</p>', '<p title="{{ _("满 5%%") }}">x</p>'),
    ('<a href="{{ p }}">去</a>', '<a href="{{ p }}">{{ _("去") }}</a>'),
    ('{{ "是" if a else b["否"] }}', '{{ _("是") if a else b[_("否")] }}'),
    ("{% if a > 1 %}多{% endif %}", '{% if a > 1 %}{{ _("多") }}{% endif %}'),
    ('<a {% if a > 1 %}title="多"{% endif %}>x</a>', '<a {% if a > 1 %}title="{{ _("多") }}"{% endif %}>x</a>'),
    ('{{ _("是") }}', '{{ _("是") }}'),
    ("一\n二", '{{ _("一") }}\n{{ _("二") }}'),
    ("{# 不说 #}", "{# 不说 #}"),
    ("{% trans %}共 <b>{{ n }}</b> 项{% endtrans %}", "{% trans %}共 <b>{{ n }}</b> 项{% endtrans %}"),
    ("他说“好\\”", '{{ _("他说“好\\\\”") }}'),
    ("<p>plain {{ a }} · {{ b }}</p>", "<p>plain {{ a }} · {{ b }}</p>"),
    ("<{{ level }}>一</{{ level }}>", '<{{ level }}>{{ _("一") }}</{{ level }}>'),
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
        ("", ""),
        ("未知", "unknown"),
    ],
)
def test_words_that_stages_put_together_are_read_back(made: str, read: str) -> None:
    """With what stands in their places; a day that is none, and somebody's own words, stay as they are."""
    assert words_in(Language.ENGLISH).gettext(made) == read
    assert words_in(Language.CHINESE).gettext(made) == made
