import pytest

from delivery.masks import mask_account, mask_name, mask_number, mask_phone, shows_number


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("张小三", "张*三"), ("欧阳娜娜", "欧**娜"), ("买买提·艾力", "买****力"), ("张", "*"), ("", "*")],
)
def test_names(name: str, masked: str) -> None:
    """公示去标识化: the name as 张*三."""
    assert mask_name(name) == masked


def test_numbers_by_their_ends() -> None:
    assert mask_number("310118199001011234") == "310118********1234"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_account("6222021234567890123") == "***************0123"


def test_what_is_too_short_to_hide_in_is_hidden_whole() -> None:
    assert (mask_number("1234567890"), mask_account("1234")) == ("**********", "****")


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        pytest.param("身份证31011819900101123X。", True, id="citizen-id"),
        pytest.param("卡号6222021234567890123", True, id="account"),
        pytest.param("手机13812345678", True, id="mobile"),
        pytest.param("卡号***************0123", False, id="masked"),
        pytest.param("沪民规〔2025〕9号，每月1,234,567.50元，电话021-12345678", False, id="letter"),
    ],
)
def test_a_number_in_the_open(text: str, *, shows: bool) -> None:
    assert shows_number(text) is shows
