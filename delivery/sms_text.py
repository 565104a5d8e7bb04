"""The length of text messages, as networks count and bill it."""

SINGLE_MAX = 70  # UTF-16 units of a message that goes by itself; 3GPP TS 23.038, UCS-2
PART_MAX = 67  # of one that goes in parts: each begins with six bytes that say which part it is


def segments(text: str) -> int:
    """Return in how many parts a text goes; a rare character counts twice, as it does in UTF-16."""
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= SINGLE_MAX else -(-units // PART_MAX)


def signed_text(signature: str, text: str) -> str:
    """Return a text with who sends it before it: 【某区政务】….

    Source: 通信短信息服务管理规定 (2015), 17: a message names its sender.
    """
    return f"【{signature}】{text}"
