from pathlib import Path

import pytest

from core.errors import DeliveryError
from core.ledger import NoticeKind
from delivery.notice_templates import SHIPPED, read_templates

LETTER = "notice: {kind}\nversion: 99\nsubject: {subject}\nbody: {body}\nsms: {sms}\n"


def own(
    folder: Path, subject: str = "{title}", body: str = "{name}", kind: str = "started", sms: str = "{title}"
) -> Path:
    """Put one letter of a workspace's own into a folder."""
    folder.mkdir(exist_ok=True)
    said = {name: f'"{text}"' for name, text in (("subject", subject), ("body", body), ("sms", sms))}
    (folder / f"{kind}.yaml").write_text(LETTER.format(kind=kind, **said), "utf-8")
    return folder


def test_every_kind_of_notice_has_a_letter() -> None:
    assert set(read_templates()) == set(NoticeKind)


def test_a_shipped_letter_is_named_after_its_kind() -> None:
    assert {path.stem for path in SHIPPED.glob("*")} == {kind.value for kind in NoticeKind}


def test_a_letter_of_ones_own_stands_above_the_shipped_one(tmp_path: Path) -> None:
    templates = read_templates(own(tmp_path / "templates"))

    assert templates[NoticeKind.STARTED].template_id == "started@99"
    assert templates[NoticeKind.ENDED] == read_templates()[NoticeKind.ENDED]


def test_a_workspace_without_letters_has_the_shipped_ones(tmp_path: Path) -> None:
    assert read_templates(tmp_path / "templates") == read_templates()


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        pytest.param("{titel}", "D203", id="unknown-variable"),
        pytest.param("{reasons}", "D203", id="variable-of-another-kind"),
        pytest.param("{}", "D203", id="no-variable"),
        pytest.param("{title.__class__}", "D203", id="attribute"),
        pytest.param("{title", "D202", id="open-brace"),
        pytest.param("{title!r}", "D202", id="conversion"),
        pytest.param("{title:>99}", "D202", id="format"),
    ],
)
def test_a_letter_that_cannot_be_filled_is_refused_when_it_is_read(tmp_path: Path, subject: str, code: str) -> None:
    """N5: a missing variable is an error at build time, never an empty word."""
    with pytest.raises(DeliveryError) as caught:
        read_templates(own(tmp_path / "templates", subject))

    assert [each.code.value for each in caught.value.findings] == [code]


def test_a_brace_may_be_written_twice(tmp_path: Path) -> None:
    template = read_templates(own(tmp_path / "templates", "{{{title}}}"))[NoticeKind.STARTED]

    assert template.filled(template.subject, {"title": "补贴{owner}"}) == "{补贴{owner}}"


@pytest.mark.parametrize("sms", ["{title} http://t.cn/x", "详见 www.city.gov.cn", "详见city.gov.cn/a"])
def test_a_text_message_holds_no_link(tmp_path: Path, sms: str) -> None:
    """Links in text messages teach people to trust fraud; who needs one has to allow it."""
    folder = own(tmp_path / "templates", sms=sms)

    with pytest.raises(DeliveryError, match="D221"):
        read_templates(folder)
    assert read_templates(folder, may_link=True)[NoticeKind.STARTED].sms == sms


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_letter_says_whom_to_ask(kind: NoticeKind) -> None:
    """What to do if it is wrong: each letter names the contact of its policy."""
    template = read_templates()[kind]

    assert "contact" in template.named(template.body)
