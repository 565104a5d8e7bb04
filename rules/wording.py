"""Tree → plain Chinese, for the people a rule is about."""

from fractions import Fraction
from functools import singledispatch

from core.values import ValueType
from rules.areas import industry_table, region_name
from rules.comparisons import constant_text
from rules.sizes import SizeClass
from rules.thresholds import OPPOSITE
from rules.tree import (
    All,
    Arithmetic,
    Choice,
    Compare,
    ComparisonSign,
    Count,
    Date,
    Day,
    DaysBetween,
    Extremum,
    Fact,
    InIndustry,
    Kind,
    Negative,
    Node,
    Not,
    Number,
    OneOf,
    Parameter,
    Rounded,
    Shifted,
    Some,
    Text,
    Truth,
    Within,
    bare,
)

_NUMBER_SIGNS: dict[ComparisonSign, str] = {
    "==": "为", "!=": "不为", "<": "低于", "<=": "不高于", ">": "高于", ">=": "不低于"
}  # fmt: skip
_DAY_SIGNS: dict[ComparisonSign, str] = {
    "==": "为", "!=": "不为", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"
}  # fmt: skip
_COUNTS = {"full_years": ("年", ""), "full_years_by_month": ("年", "（到月即算）"), "full_months": ("个月", "")}
_SIGNS = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}
_ROUNDING = {"down": "向下", "up": "向上", "half_up": "四舍五入"}
_TEN_THOUSAND = 10_000


@singledispatch
def wording(node: Node) -> str:
    """Return a node in words; a condition as a sentence without a full stop."""
    raise AssertionError(node)


@singledispatch
def opposite(node: Node) -> str:
    """Return a condition's opposite in words."""
    return f"并非：{wording(node)}"


@wording.register
def _(node: Truth) -> str:
    return "总是符合" if node.value else "总不符合"


@wording.register
def _(node: Fact) -> str:
    return f"{node.label}为“是”" if node.kind is Kind.TRUTH else node.label


@wording.register
def _(node: Parameter) -> str:
    if node.name.isascii() or node.kind is Kind.TRUTH:
        return wording(node.value)
    return f"{node.name}（{wording(node.value)}）"


@wording.register
def _(node: Number) -> str:
    return node.written or _number(node.value)


@wording.register
def _(node: Text) -> str:
    return f"“{node.value}”"


@wording.register
def _(node: Date) -> str:
    return f"{node.value.year}年{node.value.month}月{node.value.day}日"


@wording.register
def _(_: Day) -> str:
    return "当日"


@wording.register
def _(node: Shifted) -> str:
    return f"{wording(node.day)}{'后' if node.days >= 0 else '前'}第{abs(node.days)}天"


@wording.register
def _(node: Not) -> str:
    return opposite(node.operand)


@wording.register
def _(node: All) -> str:
    return _joined("，且", [wording(operand) for operand in node.operands])


@wording.register
def _(node: Some) -> str:
    return _joined("，或", [wording(operand) for operand in node.operands])


@wording.register
def _(node: Compare) -> str:
    left, right = bare(node.left), bare(node.right)
    if isinstance(left, Count) and isinstance(right, Number) and right.value.denominator == 1:
        return _counted(left, node.sign, int(right.value))
    if node.left.kind is Kind.TRUTH:
        return f"“{wording(node.left)}”与“{wording(node.right)}”{'一致' if node.sign == '==' else '不一致'}"
    signs = _DAY_SIGNS if node.left.kind is Kind.DATE else _NUMBER_SIGNS
    return f"{wording(node.left)}{signs[node.sign]}{_with_unit(node.right, left)}"


@wording.register
def _(node: OneOf) -> str:
    return f"{wording(node.value)}为{_choices(node.options)}"


@wording.register
def _(node: Within) -> str:
    return f"{wording(node.region)}在{_areas(node.areas)}"


@wording.register
def _(node: InIndustry) -> str:
    return f"{wording(node.industry)}属于{_classes(node.classes)}"


@wording.register
def _(node: SizeClass) -> str:
    read = [wording(node.covered.industry), *map(wording, node.figures)]
    return f"统计上的企业划型（按{'、'.join(read)}）"


@wording.register
def _(node: Count) -> str:
    unit, note = _COUNTS[node.function]
    return f"自{node.since.label}起满的{unit}数{note}"


@wording.register
def _(node: DaysBetween) -> str:
    return f"{wording(node.earlier)}到{wording(node.later)}的天数"


@wording.register
def _(node: Negative) -> str:
    return f"负的{_inner(node.operand)}"


@wording.register
def _(node: Arithmetic) -> str:
    return f"{_inner(node.left)}{_SIGNS[node.sign]}{_inner(node.right)}"


@wording.register
def _(node: Extremum) -> str:
    named = "、".join(map(_inner, node.operands))
    return f"{named}中{'最小' if node.extreme == 'min' else '最大'}的一个"


@wording.register
def _(node: Rounded) -> str:
    return f"{_inner(node.operand)}（{_ROUNDING[node.mode]}取整到{_number(node.unit)}）"


@wording.register
def _(node: Choice) -> str:
    return f"（{wording(node.condition)}时为{wording(node.then)}，否则为{wording(node.otherwise)}）"


@opposite.register
def _(node: Truth) -> str:
    return wording(Truth(not node.value))


@opposite.register
def _(node: Fact) -> str:
    return f"{node.label}为“否”"


@opposite.register
def _(node: Parameter) -> str:
    return opposite(node.value)


@opposite.register
def _(node: Not) -> str:
    return wording(node.operand)


@opposite.register
def _(node: All) -> str:
    return _joined("，或", [opposite(operand) for operand in node.operands])


@opposite.register
def _(node: Some) -> str:
    return _joined("，且", [opposite(operand) for operand in node.operands])


@opposite.register
def _(node: Compare) -> str:
    return wording(Compare(OPPOSITE[node.sign], node.left, node.right))


@opposite.register
def _(node: OneOf) -> str:
    return f"{wording(node.value)}不是{_choices(node.options)}"


@opposite.register
def _(node: Within) -> str:
    return f"{wording(node.region)}不在{_areas(node.areas)}"


@opposite.register
def _(node: InIndustry) -> str:
    return f"{wording(node.industry)}不属于{_classes(node.classes)}"


def _counted(count: Count, sign: ComparisonSign, number: int) -> str:
    unit, note = _COUNTS[count.function]
    since = f"自{count.since.label}起"
    match sign:
        case ">=":
            return f"{since}已满{number}{unit}{note}"
        case ">":
            return f"{since}已满{number + 1}{unit}{note}"
        case "<":
            return f"{since}未满{number}{unit}{note}"
        case "<=":
            return f"{since}未满{number + 1}{unit}{note}"
        case "==":
            return f"{since}已满{number}{unit}、未满{number + 1}{unit}{note}"
        case "!=":
            return f"{since}未满{number}{unit}或已满{number + 1}{unit}{note}"


def _with_unit(node: Node, beside: Node) -> str:
    """Word a side of a comparison; a bare constant takes the unit of the fact beside it."""
    said = wording(node)
    if isinstance(beside, Fact) and isinstance(node, Number) and not said.endswith(("%", "‰")):
        return said + (beside.unit or ("元" if beside.type.type is ValueType.MONEY else ""))
    return said


def _choices(options: tuple[Node, ...]) -> str:
    return _listed([wording(option) for option in options])


def _areas(areas: tuple[str, ...]) -> str:
    return _listed([region_name(area) or f"区划{area}" for area in areas])


def _classes(classes: tuple[str, ...]) -> str:
    sections = industry_table().sections
    return _listed([sections[each].name if each in sections else f"行业{each}" for each in classes])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{'、'.join(words[:-1])}或{words[-1]}"


def _joined(link: str, sentences: list[str]) -> str:
    return link.join(f"（{each}）" if "，" in each else each for each in sentences)


def _inner(node: Node) -> str:
    return f"（{wording(node)}）" if isinstance(node, Arithmetic) else wording(node)


def _number(value: Fraction) -> str:
    if value and value % _TEN_THOUSAND == 0:
        return f"{value.numerator // _TEN_THOUSAND}万"
    return constant_text(value)
