"""Amounts in capital numerals (大写金额), as every Chinese payment document carries them.

Source: 中国人民银行《支付结算办法》附一《正确填写票据和结算凭证的基本规定》, 二.
"""

from core.money import FEN_PER_YUAN

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")  # each of four digits
_GROUP = 10_000


def yuan_capital(fen: int) -> str:
    """Return an amount in capital numerals: 人民币壹仟贰佰叁拾元零伍分.

    Units: fen in, zero or more, below 10 ** 18.
    """
    assert 0 <= fen < FEN_PER_YUAN * _GROUP ** len(_GROUPS)
    yuan, rest = divmod(fen, FEN_PER_YUAN)
    jiao, cents = divmod(rest, 10)
    if not rest:
        return f"人民币{_whole(yuan) or _DIGITS[0]}元整"
    words = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif yuan:
        words += _DIGITS[0]
    return f"人民币{words}{_DIGITS[cents]}分" if cents else f"人民币{words}整"


def _whole(number: int) -> str:
    """Return a whole number; zeros between digits are one 零, zeros at the end none."""
    words = ""
    for index in reversed(range(len(_GROUPS))):
        group = number // _GROUP**index % _GROUP
        if not group:
            continue
        above = number // _GROUP ** (index + 1)
        if words and (group < _GROUP // 10 or not above % _GROUP):
            words += _DIGITS[0]
        words += _four(group) + _GROUPS[index]
    return words


def _four(number: int) -> str:
    words = ""
    for index in reversed(range(len(_PLACES))):
        digit = number // 10**index % 10
        if digit:
            if words and not number // 10 ** (index + 1) % 10:
                words += _DIGITS[0]
            words += _DIGITS[digit] + _PLACES[index]
    return words
