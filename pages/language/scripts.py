"""What is Chinese in a text: its characters, and the punctuation of their width."""

import re
from typing import Final

HAN: Final = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
"""A character."""

CHINESE: Final = "[\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff65\U00020000-\U0003ffff]"
"""A character, or a sign such as 、 and （."""

SAID_IN_CHINESE: Final = re.compile(rf"{CHINESE}(?:[^a-z<]*{CHINESE})?[”’]*")
"""Chinese from its first sign to its last, over numbers and codes, but over no English."""


def has_chinese(text: str) -> bool:
    """Say whether there is a Chinese character in a text."""
    return re.search(HAN, text) is not None
