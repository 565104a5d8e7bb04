"""The made-up district: the same seed gives the same bytes, and every planted fault stands in the files."""

import datetime as dt
import hashlib
import sqlite3
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

import rules
from core.clock import FixedClock
from core.findings import Finding
from core.keys import create_keys, read_keys
from engine.district import DeliveredFile, DistrictPlan, ExpectedFinding, ExpectedSame, generate_district
from engine.district.calendar import activations
from engine.district.numbers import UNASSIGNED_REGION, citizen_number, citizen_numbers, credit_code, credit_codes
from engine.district.sources import SOURCES
from profiles.catalogue import Catalogue, Delivery, Role
from profiles.catalogue_reading import read_catalogue
from profiles.codes import ProfileCode
from profiles.identity import Seals
from profiles.intake import load_file
from profiles.numbers import check_digit_ok
from rules.reading import read_policies
from store.loads import StoredLoads
from store.opening import open_store
from store.vault import StoredVault

LIBRARY = Path(rules.__file__).parent / "library"
PEOPLE, ENTERPRISES = 600, 120


@cache
def catalogue() -> Catalogue:
    return read_catalogue(LIBRARY / "catalogue")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> DistrictPlan:
    return generate_district(tmp_path_factory.mktemp("district"), seed=7, people=PEOPLE, enterprises=ENTERPRISES)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read(plan: DistrictPlan, file: DeliveredFile) -> pl.DataFrame:
    """Return a delivery as text, by the means of other libraries than the product's own readers."""
    path = plan.folder / file.path
    match file.format:
        case "csv":
            text = path.read_bytes().decode(file.encoding or "utf-8")
            return pl.read_csv(text.encode(), infer_schema=False)
        case "xlsx":
            return pl.read_excel(path, infer_schema_length=0)
        case "parquet":
            return pl.read_parquet(path).cast(pl.String)
        case "sqlite":
            connection = sqlite3.connect(path)
            try:
                return pl.read_database(file.query or "", connection, infer_schema_length=None)
            finally:
                connection.close()


def deliveries(plan: DistrictPlan, resource: str) -> list[pl.DataFrame]:
    return [read(plan, file) for file in plan.files if file.resource == resource]


def test_same_seed_gives_same_bytes(plan: DistrictPlan, tmp_path: Path) -> None:
    again = generate_district(tmp_path, seed=7, people=PEOPLE, enterprises=ENTERPRISES)

    assert digests(tmp_path) == digests(plan.folder)
    assert again.faults == plan.faults
    assert again.files == plan.files


def test_another_seed_gives_another_district_with_the_same_faults(plan: DistrictPlan, tmp_path: Path) -> None:
    other = generate_district(tmp_path, seed=8, people=PEOPLE, enterprises=ENTERPRISES)

    assert digests(tmp_path) != digests(plan.folder)
    assert other.faults == plan.faults
    assert other.trial_accounts == plan.trial_accounts


@pytest.mark.parametrize("resource", sorted(SOURCES))
def test_files_have_the_declared_columns(plan: DistrictPlan, resource: str) -> None:
    """Header rows are those of the catalogue, and every listed value is one that may stand there."""
    declared = catalogue().resources[resource]

    for delivered in deliveries(plan, resource):
        assert delivered.columns == [column.name for column in declared.columns]
        for column in declared.columns:
            if column.values:
                assert set(delivered[column.name].drop_nulls()) <= set(column.values)
            if not column.optional and column.role is not Role.SUBJECT:
                assert delivered[column.name].null_count() == 0, column.name


def test_what_is_published_is_delivered() -> None:
    """The district's departments share every table that its published policies draw facts from, and none besides."""
    published = {(each.policy, each.version) for each in activations()}
    versions = [
        each for each in read_policies(LIBRARY / "policies", catalogue()) if (each.policy, each.version) in published
    ]
    read = {code for version in versions for code in version.attributes}
    drawn = {source.resource for code in read for source in catalogue().attributes[code].sources}

    assert {policy for policy, _ in published} == {version.policy for version in versions}
    assert drawn <= SOURCES.keys() <= catalogue().resources.keys()


def test_files_are_what_the_plan_says(plan: DistrictPlan) -> None:
    """Every source is delivered, in mixed forms; row counts agree; nothing else lies about."""
    assert {file.resource for file in plan.files} == set(SOURCES)
    assert {(file.format, file.encoding) for file in plan.files} == {
        ("csv", "utf-8"),
        ("csv", "utf-8-sig"),
        ("csv", "gb18030"),
        ("xlsx", None),
        ("parquet", None),
        ("sqlite", None),
    }
    assert {file.path for file in plan.files} == set(digests(plan.folder))
    for file in plan.files:
        assert read(plan, file).height == file.row_count, file.path


@pytest.mark.parametrize("resource", sorted(SOURCES))
def test_no_full_delivery_is_below_the_bars_of_its_resource(plan: DistrictPlan, resource: str) -> None:
    """Even the smallest district is complete, so that only planted faults are found."""
    declared = catalogue().resources[resource]
    counts = [delivered.height for delivered in deliveries(plan, resource)]
    if declared.delivery is Delivery.INCREMENT:
        return

    assert min(counts) >= declared.rows_least
    for before, after in pairwise(counts):
        assert (before - after) * 100 <= before * declared.drop_most_percent


def test_unreadable_keys_stay_below_the_bar(plan: DistrictPlan) -> None:
    """Two rows without a readable key leave the load complete."""
    (members,) = deliveries(plan, "household_members")
    bar = catalogue().resources["household_members"].quarantine_most_percent

    assert members.height * bar >= 2 * 100


def test_activated_versions_are_shipped(plan: DistrictPlan) -> None:
    files = [LIBRARY / "policies" / each.policy / f"{each.version}.yaml" for each in plan.activations]

    assert [path.name for path in files if not path.is_file()] == []


def test_raise_is_published_between_two_nights(plan: DistrictPlan) -> None:
    """The first amounts go out before the raise is known, so that the difference has to be paid."""
    first, second, _ = plan.nights
    raised = [each for each in plan.activations if each.policy.startswith("disability") and each.version == 2]

    assert raised
    for activation in raised:
        assert first.run_at < activation.activated_at < second.run_at
        assert activation.valid_from < first.business_date


def test_steps_are_in_order(plan: DistrictPlan) -> None:
    steps = plan.steps()

    assert [at for at, _ in steps] == sorted(at for at, _ in steps)
    assert len(steps) == len(plan.files) + len(plan.activations) + len(plan.nights)
    assert {at.tzinfo for at, _ in steps} == {dt.UTC}


def test_a_fault_is_found_by_its_code(plan: DistrictPlan) -> None:
    codes = [fault.code for fault in plan.faults]

    assert len(codes) == len(set(codes))
    assert [plan.fault(code) for code in codes] == list(plan.faults)


def test_expectations_name_what_there_is(plan: DistrictPlan) -> None:
    """Policies, nights, resources and attributes of the list exist."""
    policies = {activation.policy for activation in plan.activations}
    nights = {night.business_date for night in plan.nights}

    for fault in plan.faults:
        for expected in fault.expected:
            match expected:
                case ExpectedFinding():
                    assert expected.resource in catalogue().resources
                    assert expected.attribute is None or expected.attribute in catalogue().attributes
                case ExpectedSame():
                    assert expected.number != fault.number
                case _:
                    assert expected.policy in policies
                    assert expected.night in nights


def test_numbers_belong_to_nobody(plan: DistrictPlan) -> None:
    """Citizen numbers and credit codes name a region that was never assigned; their check digits are right."""
    people = deliveries(plan, "population_register")[0]["公民身份号码"]
    firms = deliveries(plan, "enterprise_register")[0]["统一社会信用代码"]
    pilot = plan.fault("check_digit").number

    assert people.str.starts_with(UNASSIGNED_REGION).all()
    assert check_digit_ok(people, "citizen_id").all()
    assert firms.filter(firms.str.slice(2, 6) != UNASSIGNED_REGION).to_list() == [pilot]
    assert firms.filter(check_digit_ok(firms, "uscc").not_()).to_list() == [pilot]
    assert people.n_unique() == people.len()
    assert firms.n_unique() == firms.len()


def test_one_number_and_a_column_of_numbers_agree() -> None:
    born = dt.date(1990, 2, 28)
    made = pl.select(index=pl.int_range(40, dtype=pl.UInt64)).select(
        citizen=citizen_numbers(pl.lit(born), pl.col("index")), code=credit_codes(pl.col("index"))
    )

    assert made["citizen"].to_list() == [citizen_number(born, sequence) for sequence in range(40)]
    assert made["code"].to_list() == [credit_code(code[8:16]) for code in made["code"]]


def test_death_is_reported_three_months_late(plan: DistrictPlan) -> None:
    number = plan.fault("late_death").number
    days = [file.data_date for file in plan.files if file.resource == "death_certificates"]
    reports = [
        table.filter(公民身份号码=number)["死亡日期"].to_list() for table in deliveries(plan, "death_certificates")
    ]

    assert reports == [[], [], ["2025-05-10"], [], []]
    assert days[2] == dt.date(2025, 8, 24)


def test_death_is_withdrawn(plan: DistrictPlan) -> None:
    number = plan.fault("death_withdrawn").number
    words = [table.filter(公民身份号码=number)["操作"].to_list() for table in deliveries(plan, "death_certificates")]

    assert words == [["新增"], [], [], [], ["撤销"]]


def test_card_expires_and_is_renewed(plan: DistrictPlan) -> None:
    number = plan.fault("card_renewed_late").number
    ends = [table.filter(公民身份号码=number)["有效期止"].to_list() for table in deliveries(plan, "disability_cards")]

    assert ends == [["2025/05/31"], ["2025/05/31"], ["2025/05/31", "2035/08/11"]]


def test_category_is_multiple(plan: DistrictPlan) -> None:
    number = plan.fault("category_multiple").number
    (card,) = deliveries(plan, "disability_cards")[0].filter(公民身份号码=number).to_dicts()

    assert (card["残疾类别"], card["残疾等级"]) == ("多重", "3")


def test_a_list_is_forgotten(plan: DistrictPlan) -> None:
    """Every list came for July and August; the 低保 list of September did not, and is stale by the last night."""
    bar = catalogue().resources["dibao_list"].fresh_days
    days = {
        resource: max(file.data_date for file in plan.files if file.resource == resource)
        for resource in ("dibao_list", "dibao_edge_list")
    }
    july, august, september = (night.business_date for night in plan.nights)

    assert days == {"dibao_list": dt.date(2025, 7, 27), "dibao_edge_list": dt.date(2025, 8, 27)}
    assert (august - days["dibao_list"]).days <= bar < (september.replace(day=1) - days["dibao_list"]).days
    assert (september - days["dibao_edge_list"]).days <= bar
    assert (july - dt.date(2025, 6, 27)).days <= bar


def test_rows_are_twice_or_wrong(plan: DistrictPlan) -> None:
    cards = deliveries(plan, "disability_cards")[0]
    (members,) = deliveries(plan, "household_members")
    cremations = deliveries(plan, "cremations")[0]

    twice = cards.filter(公民身份号码=plan.fault("row_twice").number)
    assert twice.height == 2
    assert twice.is_duplicated().all()
    assert cards.filter(公民身份号码=plan.fault("no_such_day").number)["有效期止"].to_list() == ["2030-02-30"]
    assert members["公民身份号码"].is_null().sum() == 1
    assert members.filter(公民身份号码="号码不详").height == 1
    assert cremations.filter(公民身份号码=plan.fault("day_ahead").number)["死亡日期"].to_list() == ["20260302"]


def test_departments_disagree(plan: DistrictPlan) -> None:
    """One enterprise is registered in Qingpu and taxed in Jinshan; everywhere else the two agree."""
    register = deliveries(plan, "enterprise_register")[0].select("统一社会信用代码", "登记区划")
    (taxes,) = deliveries(plan, "tax_register")

    both = register.join(taxes, on="统一社会信用代码", validate="1:1")
    differing = both.filter(pl.col("登记区划") != pl.col("主管税务区划"))
    assert differing["统一社会信用代码"].to_list() == [plan.fault("departments_disagree").number]


def test_number_is_corrected(plan: DistrictPlan) -> None:
    """Registers name the former number through August, the present one from September."""
    fault = plan.fault("number_corrected")
    (former,) = [each.number for each in fault.expected if isinstance(each, ExpectedSame)]
    corrections = [table.height for table in deliveries(plan, "citizen_id_corrections")]
    registered = [
        table["公民身份号码"].is_in([former, fault.number]).sum() for table in deliveries(plan, "population_register")
    ]
    names = [
        [number for number in (former, fault.number) if number in set(table["公民身份号码"])]
        for table in deliveries(plan, "population_register")
    ]

    assert corrections == [0, 0, 1, 0, 0]
    assert registered == [1, 1, 1]
    assert names == [[former], [former], [fault.number]]


def test_trial_accounts_show_every_group(plan: DistrictPlan) -> None:
    """Whoever tries the pages sees each group; the accounts' enterprises are in the register by name."""
    groups = {group for account in plan.trial_accounts for group in account.groups.values()}
    register = deliveries(plan, "enterprise_register")[0]
    named = dict(register.select("统一社会信用代码", "企业名称").rows())

    assert groups == {"已享", "可享", "待确认", "差一步", "待核", "不适用"}
    assert {each.number: each.name for each in plan.trial_accounts}.items() <= named.items()
    assert set(plan.trial_accounts[0].groups.values()) == groups


def test_planted_codes_cover_the_usual_faults(plan: DistrictPlan) -> None:
    found = {each.code for fault in plan.faults for each in fault.expected if isinstance(each, ExpectedFinding)}

    assert found >= {
        ProfileCode.STALE,
        ProfileCode.DISAGREE,
        ProfileCode.CHECK_DIGIT,
        ProfileCode.REPEATED,
        ProfileCode.DUPLICATE,
        ProfileCode.KEY_MISSING,
        ProfileCode.KEY_MALFORMED,
        ProfileCode.VALUE_UNREADABLE,
        ProfileCode.DAY_AHEAD,
    }


def load_all(plan: DistrictPlan, workspace: Path) -> list[tuple[DeliveredFile, Finding]]:
    """Load every delivery in order; each load has to be complete."""
    (workspace / "snapshots").mkdir()
    create_keys(workspace / "keys")
    seals = Seals(read_keys(workspace / "keys", {}), "aes-256-gcm")
    clock = FixedClock(plan.files[0].delivered_at)
    found = []
    with open_store(f"sqlite:///{workspace / 'district.db'}", clock=clock) as store:
        for file in plan.files:
            clock.instant = file.delivered_at
            with store.writing() as tx:
                report = load_file(
                    plan.source(file),
                    catalogue().resources[file.resource],
                    vault=StoredVault(tx, seals),
                    register=StoredLoads(tx),
                    snapshots=workspace / "snapshots",
                    loaded_at=file.delivered_at,
                    data_date=file.data_date,
                )
            assert report.is_new, file.path
            assert (report.load.incomplete_because, report.load.regions_missing) == (None, ()), file.path
            found += [(file, finding) for finding in report.findings]
    return found


def test_loading_finds_what_was_planted_and_nothing_else(plan: DistrictPlan, tmp_path: Path) -> None:
    """Of the first deliveries, each planted fault of a row is found once; the enterprise with the pilot code, often."""
    planted = {
        (str(each.code), each.resource): each.count
        for fault in plan.faults
        for each in fault.expected
        if isinstance(each, ExpectedFinding) and each.on is None
    }

    found = load_all(plan, tmp_path)

    first = [(file, finding) for file, finding in found if file.delivered_at == plan.files[0].delivered_at]
    counts = {(str(finding.code), file.resource): finding.count for file, finding in first}
    also_there = {(str(ProfileCode.CHECK_DIGIT), each) for each in catalogue().resources} - planted.keys()
    assert {key: count for key, count in counts.items() if key not in also_there} == planted
    assert {finding.code for _, finding in found} <= {each.code for _, each in first}
