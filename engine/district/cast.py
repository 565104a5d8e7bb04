"""The few made-up subjects to whom something particular happens, and their rows in every register."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from engine.district.numbers import citizen_number
from engine.district.words import STREETS

LAST_EDITION = 99  # rows that stay in every later delivery

Value = str | int | dt.date | None


@dataclass(frozen=True, slots=True)
class CastRow:
    """One row of a delivered file, in the deliveries from `first` through `last`."""

    first: int
    last: int
    values: dict[str, Value]


@dataclass(slots=True)
class Cast:
    """Collects the rows of planted subjects, by resource."""

    rows: dict[str, list[CastRow]] = field(default_factory=lambda: defaultdict(list))
    _resident_count: int = 0

    def add(self, resource: str, *, first: int = 0, last: int = LAST_EDITION, **values: Value) -> None:
        """Add a row to the deliveries from `first` through `last` of a resource."""
        self.rows[resource].append(CastRow(first, last, values))

    def once(self, resource: str, edition: int, **values: Value) -> None:
        """Add a row to one delivery of a resource."""
        self.add(resource, first=edition, last=edition, **values)

    def resident(self, name: str, born: dt.date, *, is_man: bool, last: int = LAST_EDITION, moves: bool = False) -> str:
        """Add a person with a household and an account; return the number.

        `last` ends the rows with a delivery. `moves` leaves out where the person is registered.
        """
        number = citizen_number(born, self.next_sequence(is_man=is_man))
        self.register(number, name, born, is_man=is_man, last=last, moves=moves)
        return number

    def next_sequence(self, *, is_man: bool) -> int:
        """Return a sequence above all of the residents', odd for men."""
        self._resident_count += 1
        return 900 + 2 * (self._resident_count % 50) + is_man

    def register(
        self,
        number: str,
        name: str,
        born: dt.date,
        *,
        is_man: bool,
        first: int = 0,
        last: int = LAST_EDITION,
        moves: bool = False,
    ) -> None:
        """Add the rows that every resident has."""
        if not moves:
            region = STREETS[self._resident_count % len(STREETS)]
            self.registered(number, name, born, is_man=is_man, region=region, since=born, first=first, last=last)
        self._add_household(number, born, first, last)
        self._add_account(number, name, first, last)

    def _add_household(self, number: str, born: dt.date, first: int, last: int) -> None:
        self.add(
            "household_members",
            first=first,
            last=last,
            公民身份号码=number,
            户号=f"1199{self._resident_count:07d}",
            与户主关系="户主",
            入户日期=born,
            离户日期=None,
        )

    def _add_account(self, number: str, name: str, first: int, last: int) -> None:
        self.add(
            "social_card_accounts",
            first=first,
            last=last,
            公民身份号码=number,
            户名=name,
            银行账号=f"9999002{self._resident_count:012d}",
            开户银行="上海农商银行",
            金融账户状态="已激活",
        )

    def registered(  # noqa: PLR0913  # the columns of a register
        self,
        number: str,
        name: str,
        born: dt.date,
        *,
        is_man: bool,
        region: str,
        since: dt.date,
        until: dt.date | None = None,
        first: int = 0,
        last: int = LAST_EDITION,
    ) -> None:
        """Add one spell of the population register."""
        self.add(
            "population_register",
            first=first,
            last=last,
            公民身份号码=number,
            姓名=name,
            性别="男" if is_man else "女",
            出生日期=born,
            户籍区划=region,
            迁入日期=since,
            迁出日期=until,
            联系电话=None,
        )

    def card(  # noqa: PLR0913  # the columns of a card
        self,
        number: str,
        level: int,
        category: str = "肢体",
        *,
        since: dt.date = dt.date(2020, 3, 1),
        through: dt.date | str = dt.date(2030, 2, 28),
        kind: str = "新办",
        first: int = 0,
        last: int = LAST_EDITION,
    ) -> None:
        """Add a disability card; `through` as text for what is no day."""
        self.add(
            "disability_cards",
            first=first,
            last=last,
            公民身份号码=number,
            残疾类别=category,
            残疾等级=level,
            办证类型=kind,
            发证日期=since,
            有效期起=since,
            有效期止=through,
        )

    def listed(self, resource: str, number: str, name: str, *, since: dt.date = dt.date(2021, 4, 1)) -> None:
        """Put a person on a monthly list."""
        self.add(resource, 公民身份号码=number, 姓名=name, 街镇=STREETS[0], 认定日期=since)

    def death(self, number: str, died_on: dt.date, *, edition: int, document: str, operation: str = "新增") -> None:
        """Report a death by certificate, or take the report back."""
        self.once(
            "death_certificates", edition, 证明编号=document, 操作=operation, 公民身份号码=number, 死亡日期=died_on
        )
