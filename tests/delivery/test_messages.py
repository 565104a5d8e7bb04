from dataclasses import replace

import pytest

from core.errors import DeliveryError
from core.ledger import NoticeKind
from delivery.messages import compose
from delivery.notice_templates import Template, read_templates
from tests.delivery.samples import contact, notice

TEMPLATES = read_templates()


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_letter_is_filled(kind: NoticeKind) -> None:
    message = compose([notice(kind)], contact(), TEMPLATES)

    assert not set("{}") & set(message.subject + message.body)
    assert message.template_id == TEMPLATES[kind].template_id
    assert message.body.startswith("张*三：\n")


def test_a_letter_about_the_end_says_why_and_what_one_can_do() -> None:
    """个人信息保护法 24, 行政复议法 20, 行政诉讼法 46: reasons, human review, remedy and its time."""
    body = compose([notice(NoticeKind.ENDED)], contact(), TEMPLATES).body

    assert all(
        word in body for word in ("残疾人证有效", "人工复核", "六十日内依法申请行政复议", "六个月内依法提起行政诉讼")
    )


def test_an_amount_is_shown_in_yuan() -> None:
    assert "本次应发1,234.50元" in compose([notice(payable_fen=123_450)], contact(), TEMPLATES).body


def test_values_stay_on_one_line_and_are_never_templates() -> None:
    """A title with a line break cannot add a header to an e-mail, nor a brace a value."""
    message = compose([notice(title="补贴\nBcc: x{owner}")], contact(), TEMPLATES)

    assert message.subject == "【免申即享】您已享受：补贴 Bcc: x{owner}"


@pytest.mark.parametrize("values", [(), (("title", ""), ("owner", "o"))])
def test_a_notice_without_its_values_is_not_sent(values: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(DeliveryError, match=r"D204.*`title`"):
        compose([replace(notice(), values=values)], contact(), TEMPLATES)


def test_a_letter_that_shows_a_number_is_not_sent() -> None:
    """S3: whatever a rule's label says, no account and no citizen's number leaves in a message."""
    with pytest.raises(DeliveryError, match="D205") as caught:
        compose([notice(title="卡6222021234567890123")], contact(), TEMPLATES)

    assert "6222" not in str(caught.value)


def test_a_letter_names_the_account_that_was_paid_by_its_end() -> None:
    """The account of the payment, not the one of today; one that is known no longer is not named."""
    paid = notice(NoticeKind.PAID)
    digest = dict(paid.values)["account"]
    known, other = contact(accounts={digest: "尾号0001的账户"}), contact(accounts={"1" * 64: "尾号0002的账户"})

    named, unnamed = (compose([paid], each, TEMPLATES) for each in (known, other))

    assert "收款账户：尾号0001的账户\n" in named.body
    assert named.values["account"] == "尾号0001的账户"
    assert "收款账户：登记的收款账户\n" in unnamed.body
    assert "尾号" not in unnamed.body


def test_the_digest_is_of_what_is_said() -> None:
    templates = {NoticeKind.STARTED: Template("t@1", "{title}", "{name}", "{title}")}

    first, second = (compose([notice(title=title)], contact(), templates) for title in ("甲", "乙"))

    assert first.digest != second.digest
    assert "张" not in repr(first)


def test_several_notices_are_one_letter_with_a_part_for_each() -> None:
    """Each with its subject, its owner and everything that it says by itself."""
    parts = [notice(title="甲"), notice(NoticeKind.INFORMED, title="乙", owner="区税务局")]

    message = compose(parts, contact(), TEMPLATES)

    assert message.subject == "【免申即享】您有2项政策告知：您已享受：甲；政策告知：乙"
    assert message.body.startswith("张*三：\n\n一、您已享受：甲\n\n")
    assert "\n\n区残联\n\n二、政策告知：乙\n\n" in message.body
    assert message.body.endswith("\n\n区税务局\n")
    assert (message.template_id, message.values["count"]) == ("started@3+informed@2", "2")


def test_the_phone_that_an_office_publishes_is_shown() -> None:
    """A duty phone may be a mobile one; it stands in the rule for everybody to read."""
    assert "13800000000" in compose([notice(contact="区残联（电话：13800000000）")], contact(), TEMPLATES).body
