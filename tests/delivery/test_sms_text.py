import pytest

from delivery.sms_text import segments, signed_text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("𠮷" * 35, 1),
        ("𠮷" * 36, 2),
    ],
)
def test_segments_are_counted_as_networks_do(text: str, count: int) -> None:
    """70 by itself, 67 in parts; a rare character, such as in some surnames, counts twice."""
    assert segments(text) == count


def test_a_text_begins_with_its_sender() -> None:
    """通信短信息服务管理规定 17."""
    assert signed_text("示例区政务", "您好") == "【示例区政务】您好"
