"""The vocabulary of the tiny deployment for stories, and how stories add tables of their own to it."""

ROW_KEYS = ("编号, type: text, role: row_key", "操作, type: text, role: operation")
"""The columns by which an increment names its rows."""

_DAYS = ("起, type: date, role: valid_from", "止, type: date, role: valid_through, optional: true")


def resource(  # all by name; a table has this many parts
    code: str,
    label: str,
    *columns: str,
    owner: str = "公安",
    kind: str = "spell",
    refresh: str = "irregular",
    fresh_days: int = 400,
    more: str = "",
) -> str:
    """Return the file of a table about persons: `columns` beside the number of whom a row is about.

    A spell has its first and its last day too. `more` are further lines: another delivery, the other kind of subject.
    """
    every = ("号码, type: citizen_id, role: subject", *columns, *(_DAYS if kind == "spell" else ()))
    lines = "".join(f"  - {{name: {column}}}\n" for column in every)
    return (
        f"resource: {code}\nlabel: {label}\nowner: {owner}\nsubject: person\nkind: {kind}\nrefresh: {refresh}\n"
        f"fresh_days: {fresh_days}\ndrop_most_percent: 100\n{more}columns:\n{lines}"
    )


def attributes(*lines: str) -> str:
    """Return a file of attributes about persons, each by its code, label, type and sources."""
    return "attributes:\n" + "".join(f"  - {{subject: person, sensitivity: 2, {line}}}\n" for line in lines)


CATALOGUE: dict[str, str] = {
    "subjects.yaml": "kinds:\n  - {code: person, label: 个人, number: citizen_id}\n",
    "relations.yaml": "relations: []\n",
    "resources/register.yaml": resource(
        "register",
        "人口登记",
        "姓名, type: text, role: name",
        "账号, type: text, role: account",
        "邮箱, type: text, role: email, optional: true",
        "出生, type: date",
        "户籍, type: region",
    ),
    "resources/cards.yaml": resource(
        "cards", "残疾人证", "等级, type: integer, optional: true", "发证, type: date", owner="残联"
    ),
    "resources/dibao.yaml": resource(
        "dibao", "低保名单", kind="snapshot", refresh="monthly", fresh_days=35, owner="民政"
    ),
    "resources/deaths.yaml": resource("deaths", "死亡登记", "日期, type: date, role: day", kind="event"),
    "resources/custody.yaml": resource("custody", "服刑"),
    "resources/stays.yaml": resource("stays", "居住登记", *ROW_KEYS, more="delivery: increment\n"),
    "resources/corrections.yaml": resource(
        "corrections",
        "号码更正",
        "原号码, type: citizen_id, role: former",
        *ROW_KEYS,
        "日期, type: date, role: day",
        kind="event",
        more="delivery: increment\n",
    ),
    "attributes/person.yaml": attributes(
        "code: stays, label: 居住, type: bool, sources: [{resource: stays, pick: any}], when_absent: false",
        "code: region, label: 户籍, type: region, sources: [{resource: register, column: 户籍}], when_absent: unknown",
        "code: born, label: 出生, type: date, sources: [{resource: register, column: 出生}], when_absent: unknown",
        "code: card, label: 有证, type: bool, sources: [{resource: cards, pick: any}], when_absent: false",
        "code: level, label: 等级, type: integer, sources: [{resource: cards, column: 等级}], when_absent: 0",
        "code: issued, label: 发证, type: date, sources: [{resource: cards, column: 发证}], when_absent: unknown",
        "code: dibao, label: 低保, type: bool, sources: [{resource: dibao, pick: any}], when_absent: false",
        "code: dead, label: 死亡, type: bool, lasting: true, "
        "sources: [{resource: deaths, pick: any, effect: next_day}], when_absent: false",
        "code: jailed, label: 服刑, type: bool, sources: [{resource: custody, pick: any, effect: next_day}], "
        "when_absent: false",
    ),
}

DECLARED: dict[str, str] = {
    "resources/jobs.yaml": resource("jobs", "就业登记", "行业, type: text, optional: true", owner="人社"),
    "resources/declared.yaml": resource(
        "declared",
        "本人申报",
        "行业, type: text",
        *ROW_KEYS,
        owner="本人",
        fresh_days=3650,
        more="delivery: increment\n",
    ),
    "attributes/jobs.yaml": attributes(
        "code: job, label: 行业, type: text, values: [农业, 工业, 服务业], "
        "sources: [{resource: jobs, column: 行业}, {resource: declared, column: 行业}], when_absent: unknown"
    ),
}
"""A trade that a department may know, and that its subject may be asked for."""
