"""Grievances in the words of officers and letters."""

from collections.abc import Mapping

from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceSource, GrievanceState

KIND_WORDS: Mapping[GrievanceKind, str] = {
    GrievanceKind.ENTITLEMENT: "资格或金额异议",
    GrievanceKind.CLAIM: "追回异议",
    GrievanceKind.REPORT: "举报",
    GrievanceKind.UNDONE: "办不成事",
    GrievanceKind.SERVICE: "服务投诉",
    GrievanceKind.DISSATISFIED: "差评整改",
}

SOURCE_WORDS: Mapping[GrievanceSource, str] = {
    GrievanceSource.COUNTER: "窗口",
    GrievanceSource.HOTLINE: "12345热线",
    GrievanceSource.PAGE: "网页",
    GrievanceSource.RATING: "评价",
}

STATE_WORDS: Mapping[GrievanceState, str] = {
    GrievanceState.RECEIVED: "已登记",
    GrievanceState.NOT_ACCEPTED: "不予受理",
    GrievanceState.ACCEPTED: "已受理",
    GrievanceState.INVESTIGATING: "核查中",
    GrievanceState.WAITING: "待申请人补充",
    GrievanceState.DECIDED: "已决定",
    GrievanceState.EXECUTED: "已落实",
    GrievanceState.CLOSED: "已办结",
    GrievanceState.WITHDRAWN: "已撤回",
    GrievanceState.REAPPEALED: "已再次申诉",
}

OUTCOME_WORDS: Mapping[GrievanceOutcome, str] = {
    GrievanceOutcome.UPHELD: "成立",
    GrievanceOutcome.PARTLY: "部分成立",
    GrievanceOutcome.REJECTED: "不成立",
}
