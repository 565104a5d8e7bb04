"""Which department delivers which resource, in which form, and when."""

from typing import NamedTuple

from engine.district.calendar import (
    INCREMENTS,
    LISTS_WITHOUT_SEPTEMBER,
    MONTHLY_LISTS,
    QUARTERLY,
    REGISTERS,
    YEARLY,
    Edition,
)
from engine.district.files import Form


class Source(NamedTuple):
    """How and when a resource is delivered."""

    form: Form
    editions: tuple[Edition, ...]


SOURCES = {
    "population_register": Source(Form("市公安局", "人口登记", "parquet"), REGISTERS),
    "household_members": Source(Form("市公安局", "户籍户成员", "csv", "utf-8"), QUARTERLY[:1]),
    "citizen_id_corrections": Source(Form("市公安局", "公民身份号码更正", "csv", "utf-8"), INCREMENTS),
    "guardianship": Source(Form("市公安局", "监护关系", "csv", "gb18030"), REGISTERS),
    "birth_registrations": Source(Form("区卫健委", "出生登记", "xlsx"), REGISTERS),
    "death_certificates": Source(Form("区卫健委", "死亡医学证明", "csv", "utf-8-sig"), INCREMENTS),
    "cremations": Source(Form("区民政局", "殡葬火化登记", "csv", "gb18030", "%Y%m%d"), INCREMENTS),
    "disability_cards": Source(Form("区残联", "残疾人证", "csv", "gb18030", "%Y/%m/%d"), REGISTERS),
    "disability_card_stops": Source(Form("区残联", "残疾人证冻结注销", "xlsx"), REGISTERS),
    "dibao_list": Source(Form("区民政局", "低保名单", "xlsx"), LISTS_WITHOUT_SEPTEMBER),
    "dibao_edge_list": Source(Form("区民政局", "低保边缘名单", "xlsx"), MONTHLY_LISTS),
    "heavy_disabled_jobless_list": Source(Form("区民政局", "重残无业名单", "csv", "gb18030"), MONTHLY_LISTS),
    "tekun_support": Source(Form("区民政局", "特困供养名单", "xlsx"), REGISTERS),
    "children_support": Source(Form("区民政局", "孤儿和困境儿童名单", "csv", "utf-8-sig"), REGISTERS),
    "veteran_disability_cards": Source(Form("区退役军人局", "残疾军人证", "csv", "utf-8"), QUARTERLY[:1]),
    "custody_records": Source(Form("区司法局", "羁押服刑信息", "csv", "utf-8"), REGISTERS),
    "work_injury_nursing": Source(Form("区人社局", "工伤护理费", "sqlite"), REGISTERS),
    "social_card_accounts": Source(Form("区人社局", "社保卡账户", "parquet"), REGISTERS),
    "unemployment_insurance_yearly": Source(Form("区人社局", "失业保险年度汇总", "sqlite"), YEARLY),
    "enterprise_register": Source(Form("区市场监管局", "企业登记", "csv", "gb18030"), REGISTERS),
    "credit_lists": Source(Form("区市场监管局", "失信和异常名单", "xlsx"), REGISTERS),
    "tax_register": Source(Form("区税务局", "税务登记", "parquet"), QUARTERLY[:1]),
    "enterprise_accounts": Source(Form("区税务局", "企业对公账户", "csv", "utf-8-sig"), QUARTERLY[:1]),
    "hightech_certificates": Source(Form("市科委", "高新技术企业", "xlsx"), QUARTERLY),
    "torch_statistics": Source(Form("区科委", "统计年报报送名单", "csv", "utf-8"), YEARLY),
    "specialised_enterprises": Source(Form("市经信委", "专精特新企业", "xlsx"), QUARTERLY),
    "technology_centres": Source(Form("市经信委", "企业技术中心", "csv", "gb18030"), QUARTERLY),
    "major_violations": Source(Form("区发改委", "重大违法记录", "csv", "utf-8"), INCREMENTS),
}
