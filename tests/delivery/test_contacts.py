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


def test_a_bad_address_makes_room_for_the_next() -> None:
    """Each once, in order; an address of the other kind, or one never known, changes nothing."""
    known = contact(email="a@x", phone="1", spare_emails=("b@x", "c@x"))

    second = known.without("a@x")
    last = second.without("b@x").without("c@x")

    assert (second.email, second.spare_emails, second.phone) == ("b@x", ("c@x",), "1")
    assert (last.email, last.spare_emails, last.phone) == (None, (), "1")
    assert known.without("nobody@x") == known
