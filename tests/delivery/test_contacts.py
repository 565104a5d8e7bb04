from tests.delivery.samples import contact


def test_a_person_is_greeted_with_a_masked_name() -> None:
    """A message may reach the wrong hands."""
    assert (contact().greeting, contact().you) == ("张*三", "您")


def test_a_firm_is_greeted_by_its_public_name() -> None:
    firm = contact(name="青浦某某科技有限公司", is_person=False)

    assert (firm.greeting, firm.you) == ("青浦某某科技有限公司", "贵单位")


def test_nothing_personal_shows() -> None:
    shown = repr(contact(phone="13812345678"))

    assert not any(word in shown for word in ("张", "zhang", "138"))
