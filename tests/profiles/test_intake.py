import datetime as dt
import resource as limits
import traceback
from pathlib import Path

import polars as pl
import pytest

from core.errors import ProfileError
from core.loads import LoadInfo
from profiles.identity import LoadRef
from profiles.keyed_rows import keyed_path
from tests.profiles.deliveries import CARDS, CITIZENS, DATA_DATE, LIST, LOADED_AT, LOANS, Desk, codes, resource
from tests.profiles.fakes import MemoryVault

ANN, BOB, EVE = CITIZENS
FIRM, OTHER_FIRM = "91350100M000100Y43", "91110000600037341L"
LEVEL = "{name: 级, type: integer, optional: true}"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty desk."""
    return Desk(tmp_path)


def test_a_list(desk: Desk) -> None:
    """A file becomes one load: sorted, numbered, described, and recorded."""
    report = desk.load_text(f"号码,级\n{BOB},2\n{ANN},1\n", resource(LIST, LEVEL))

    ids = {desk.vault.id_of("person", BOB): (2, 1), desk.vault.id_of("person", ANN): (1, 2)}
    assert desk.rows(report).rows() == [(subject, *ids[subject]) for subject in sorted(ids)]
    assert desk.rows(report).columns == ["subject_id", "级", "row_number"]
    assert desk.quarantine(report).rows() == []
    assert report.findings == ()
    assert report.is_new
    assert desk.register.loads == [report.load]
    assert report.load == LoadInfo(
        load_id=report.load.load_id,
        resource="list",
        data_date=DATA_DATE,
        loaded_at=LOADED_AT,
        digest=report.load.digest,
        file_name="list.csv",
        path=f"snapshots/list/{report.load.load_id}.parquet",
        row_count=2,
        accepted_count=2,
        quarantined_count=0,
        unreadable_count=0,
        is_complete=True,
    )


@pytest.mark.parametrize(
    ("delivery", "kept"), [("full", [False, True, False, True]), ("increment", [True, True, True, True])]
)
def test_copies_by_key_are_kept_of_what_is_asked(desk: Desk, delivery: str, kept: list[bool]) -> None:
    """Of what replaces each other the last two have a copy, in whatever order they come; increments all answer."""
    named = ("{name: 键, type: text, role: row_key}", "{name: 操作, type: text, role: operation}")
    to = resource(CARDS, *named, delivery=delivery) if delivery == "increment" else resource(CARDS)
    head, row = ("号码,起,止", f"{ANN},2025-01-01,")
    text = f"{head},键,操作\n{row},k,新增\n" if delivery == "increment" else f"{head}\n{row}\n"

    loads = [desk.load_text(text, to, data_date=DATA_DATE - dt.timedelta(days=back)).load for back in (9, 5, 7, 1)]

    assert [keyed_path(desk.root / info.path).exists() for info in loads] == kept


def test_the_columns_of_each_kind(desk: Desk) -> None:
    """What a reader of a load frame may rely on, in this order."""
    spell = resource(
        LIST,
        "{name: 键, type: text, role: row_key}",
        "{name: 操作, type: text, role: operation}",
        "{name: 起, type: date, role: valid_from}",
        "{name: 户号, type: household_no, role: other}",
        LEVEL,
        kind="spell",
        delivery="increment",
        other="household",
    )
    report = desk.load_text(f"号码,键,操作,起,户号,级\n{ANN},k,新增,2025-07-01,H1,1\n", spell)
    event = desk.load_text(f"代码,日期\n{FIRM},2025-06-01\n", resource(LOANS))

    assert dict(desk.rows(report).schema) == {
        "subject_id": pl.String,
        "other_id": pl.String,
        "valid_from": pl.Date,
        "valid_through": pl.Date,
        "row_key": pl.String,
        "operation": pl.String,
        "起": pl.Date,
        "级": pl.Int64,
        "row_number": pl.UInt32,
    }
    assert desk.rows(event).columns == ["subject_id", "day", "日期", "row_number"]
    assert desk.quarantine(report).columns == ["row_number", "column", "code", "subject_id", "other_id", "row_key"]


def test_bad_rows_go_to_quarantine(desk: Desk) -> None:
    """Nothing is dropped in silence: each bad row stands in quarantine with its subject, and is counted."""
    report = desk.load_text(
        f"号码,级\n{ANN},x\n{BOB},2\nnobody,3\n{EVE}\n", resource(LIST, LEVEL, quarantine_most_percent="50")
    )

    ann, eve = desk.vault.id_of("person", ANN), desk.vault.id_of("person", EVE)
    assert desk.quarantine(report).rows() == [
        (1, "级", "P224", ann),
        (3, "号码", "P222", None),
        (4, "*", "P230", eve),
    ]
    assert codes(report) == {"P222": 1, "P224": 1, "P230": 1}
    assert (report.load.row_count, report.load.accepted_count) == (4, 1)
    assert (report.load.quarantined_count, report.load.unreadable_count) == (3, 1)


def test_a_bad_row_of_an_increment_keeps_its_row_key(desk: Desk) -> None:
    """By it a later increment mends the row; a number inside is hidden as in the load, and no key of nobody is kept."""
    to = resource(
        CARDS, "{name: 号, type: text, role: row_key}", "{name: 操, type: text, role: operation}", delivery="increment"
    )
    good, bad = f"{BOB},2025-01-01,,b1,新增", f"{ANN},2025-13-01,,{ANN}-1,新增"
    report = desk.load_text(f"号码,起,止,号,操\n{good}\n{bad}\nx,2025-13-01,,c1,新增\n", to)

    ann = desk.vault.id_of("person", ANN)
    bad_rows = desk.quarantine(report).select("row_number", "subject_id", "row_key").unique(maintain_order=True)
    assert bad_rows.rows() == [(2, ann, f"{ann}{ANN[-1]}-1"), (3, None, None)]
    assert "row_key" not in desk.quarantine(desk.load_text("号码\nx\n" + f"{ANN}\n", resource())).columns


class TestAgain:
    """The same content for the same day is one load."""

    def test_the_same_bytes(self, desk: Desk) -> None:
        """A file dropped twice changes nothing; the finding names the load."""
        first = desk.load_text(f"号码\n{ANN}\n", resource())
        calls = list(desk.vault.calls)
        again = desk.load_text(f"号码\n{ANN}\n", resource(), loaded_at=LOADED_AT + dt.timedelta(days=1))

        assert again.load == first.load
        assert not again.is_new
        assert first.load.load_id in again.findings[0].message
        assert desk.register.loads == [first.load]
        assert desk.vault.calls == calls

    def test_the_same_bytes_for_another_day(self, desk: Desk) -> None:
        """A list that did not change in a month is a delivery all the same: it is fresh again."""
        first = desk.load_text(f"号码\n{ANN}\n", resource(), data_date=dt.date(2025, 6, 1))
        second = desk.load_text(f"号码\n{ANN}\n", resource())

        assert second.is_new
        assert first.load.load_id != second.load.load_id

    def test_confirmed(self, desk: Desk) -> None:
        """A person may let earlier content stand above what came in between."""
        first = desk.load_text(f"号码\n{ANN}\n", resource())
        desk.load_text(f"号码\n{BOB}\n", resource())
        third = desk.load_text(f"号码\n{ANN}\n", resource(), is_confirmed=True)

        assert third.is_new
        assert third.load.load_id != first.load.load_id
        assert desk.rows(third).equals(desk.rows(first))

    def test_the_same_bytes_give_the_same_files(self, tmp_path: Path) -> None:
        """A load is a function of the file and its day, on any machine."""
        files = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            desk = Desk(tmp_path / name)
            report = desk.load_text(f"号码,级\n{BOB},2\n{ANN},1\nx,1\n", resource(LIST, LEVEL))
            paths = (report.load.path, report.load.quarantine_path)
            files.append([(path, (desk.root / path).read_bytes()) for path in paths])

        assert files[0] == files[1]


class TestDuplicates:
    """Rows that name the same thing twice."""

    def test_equal_rows_count_once(self, desk: Desk) -> None:
        """A row that came twice tells nothing new: its subject stays known, and a warning counts it."""
        report = desk.load_text(f"号码,级\n{ANN},1\n{BOB},2\n{ANN},1\n", resource(LIST, LEVEL))

        assert desk.rows(report)["row_number"].sort().to_list() == [1, 2]
        assert desk.quarantine(report).rows() == [(3, "*", "P231", None)]
        assert codes(report) == {"P231": 1}

    def test_rows_that_contradict_each_other(self, desk: Desk) -> None:
        """Nobody knows which holds: none does."""
        report = desk.load_text(f"号码,级\n{ANN},1\n{BOB},2\n{ANN},2\n", resource(LIST, LEVEL))

        ann = desk.vault.id_of("person", ANN)
        assert desk.rows(report)["row_number"].to_list() == [2]
        assert desk.quarantine(report).rows() == [(1, "*", "P227", ann), (3, "*", "P227", ann)]

    def test_two_spells_of_one_subject(self, desk: Desk) -> None:
        """Spells that begin on different days are different rows."""
        text = f"号码,起,止\n{ANN},2024-01-01,2024-12-31\n{ANN},2025-01-01,\n{ANN},2025-01-01,2025-12-31\n"
        report = desk.load_text(text, resource(CARDS))

        assert desk.rows(report)["row_number"].to_list() == [1]
        assert [fault[::2] for fault in desk.faults(report)] == [(2, "P227"), (3, "P227")]

    def test_equal_events_without_a_key(self, desk: Desk) -> None:
        """Two loans, or one told twice? Nobody knows."""
        report = desk.load_text(
            f"代码,日期\n{FIRM},2025-06-01\n{FIRM},2025-06-01\n{FIRM},2025-06-02\n", resource(LOANS)
        )

        assert desk.rows(report)["row_number"].to_list() == [3]
        assert codes(report) == {"P227": 2}

    def test_equal_events_with_a_key(self, desk: Desk) -> None:
        """The key says that it is one."""
        to = resource(LOANS, "{name: 号, type: text, role: row_key, optional: true}")
        text = f"代码,日期,号\n{FIRM},2025-06-01,a\n{FIRM},2025-06-01,a\n{FIRM},2025-06-01,b\n{FIRM},2025-06-01,\n"
        report = desk.load_text(f"{text}{FIRM},2025-06-01,\n", to)

        assert desk.rows(report)["row_key"].to_list() == ["a", "b", None, None]
        assert codes(report) == {"P231": 1}

    def test_a_relation_is_named_by_both(self, desk: Desk) -> None:
        """One household has many members."""
        to = resource(LIST, "{name: 户号, type: household_no, role: other}", other="household")
        report = desk.load_text(f"号码,户号\n{ANN},H1\n{ANN},H2\n{ANN},H1\n", to)

        assert desk.rows(report).height == 2

    def test_increments_may_repeat_themselves(self, desk: Desk) -> None:
        """New, withdrawn, new again: the order decides."""
        to = resource(
            LIST,
            "{name: 键, type: text, role: row_key}",
            "{name: 操作, type: text, role: operation}",
            "{name: 起, type: date, role: valid_from}",
            kind="spell",
            delivery="increment",
        )
        rows = [f"{ANN},k,{word},2025-01-01" for word in ("新增", "撤销", "新增")]
        report = desk.load_text("号码,键,操作,起\n" + "\n".join(rows), to)

        assert desk.rows(report)["operation"].to_list() == ["upsert", "withdraw", "upsert"]
        assert report.findings == ()


class TestIdentity:
    """What goes to the vault, and what never leaves it."""

    PERSONAL = (
        "{name: 姓名, type: text, role: name}",
        "{name: 手机, type: text, role: phone, optional: true}",
        "{name: 账号, type: text, role: account, optional: true}",
    )

    def test_personal_fields_are_kept(self, desk: Desk) -> None:
        """The last row of a subject that gives a field wins; rows in quarantine give none."""
        to = resource(CARDS, *self.PERSONAL)
        text = (
            "号码,起,止,姓名,手机,账号\n"
            f"{ANN},2024-01-01,,王芳,139,\n"
            f"{ANN},2025-01-01,,王方,,622\n"
            f"{BOB},never,,李,138,6\n"
        )
        desk.load_text(text, to)

        ann = desk.vault.id_of("person", ANN)
        assert desk.vault.kept == {(ann, "name"): "王方", (ann, "phone"): "139", (ann, "account"): "622"}

    def test_a_former_number_is_the_same_subject(self, desk: Desk) -> None:
        """A corrected number brings no second person into the world: aliases are learnt before ids are given."""
        to = resource(LIST, "{name: 旧号码, type: citizen_id, role: former, optional: true}")
        before = desk.load_text(f"号码,旧号码\n{ANN},\n", to, data_date=dt.date(2025, 6, 1))
        after = desk.load_text(f"号码,旧号码\n{BOB},{ANN}\n{EVE},{EVE}\n", to)

        assert desk.rows(before)["subject_id"].to_list()[0] in desk.rows(after)["subject_id"].to_list()
        assert desk.vault.calls.count("add_aliases person for list") == 1

    def test_a_number_inside_a_text_is_replaced(self, desk: Desk) -> None:
        """A card's number begins with its holder's (domain §3.5); the key still tells cards apart."""
        to = resource(LIST, "{name: 证号, type: text, role: row_key}", "{name: 备注, type: text, optional: true}")
        text = f"号码,证号,备注\n{ANN},{ANN}41,原{ANN[:17]}x号\n{BOB},ZH1,\n"
        report = desk.load_text(text, to)

        ann, bob = desk.vault.id_of("person", ANN), desk.vault.id_of("person", BOB)
        found = {row[0]: row[1:3] for row in desk.rows(report).rows()}
        assert found == {ann: (f"{ann}X41", f"原{ann}x号"), bob: ("ZH1", None)}
        assert codes(report) == {"P233": 2}

    def test_a_short_household_number_is_not_looked_for(self, desk: Desk) -> None:
        """`12` stands in many texts by chance."""
        to = resource(
            "resource: homes\nlabel: 户\nowner: 公安\nsubject: household\nkind: snapshot\nrefresh: daily\n"
            "fresh_days: 9\ncolumns:\n  - {name: 户号, type: household_no, role: subject}\n",
            "{name: 地址, type: text}",
        )
        report = desk.load_text("户号,地址\n12,解放路12号\n", to)

        assert desk.rows(report)["地址"].to_list() == ["解放路12号"]

    def test_nothing_personal_anywhere(self, desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
        """Planted names, numbers, phones and accounts are in no frame, finding, error, or left-over file."""
        to = resource(
            LIST,
            *self.PERSONAL,
            "{name: 户号, type: household_no, role: other, optional: true}",
            "{name: 旧号码, type: citizen_id, role: former, optional: true}",
            "{name: 级, type: integer}",
            other="household",
        )
        planted = {
            "姓名": "司马植入",
            "手机": "13912345678",
            "账号": "6222021234567890123",
            "号码": EVE,
            "户号": "MARKERHOME77",
            "旧号码": ANN,
        }
        good = ",".join((*planted.values(), "1"))
        bad = ",".join((*planted.values(), "坏"))
        short = ",".join(tuple(planted.values())[:4])
        text = f"{','.join(planted)},级\n{good}\n{bad}\n{short}\n{good}\n"
        report = desk.load_text(text, to)
        said = "\n".join(str(finding) for finding in report.findings) + repr(report)
        for wrong in (
            text.replace("级\n", "层\n"),
            f'{text}"{good}',
            f"{good}\n{good}\n",
            f"{','.join(planted)},级\n{bad}\n",
        ):
            with pytest.raises(ProfileError) as error:
                desk.load_text(wrong, to)
            said += "".join(traceback.format_exception(error.value)) + repr(error.value.findings)

        said += "".join(capfd.readouterr())
        left = b"".join(path.read_bytes() for path in (desk.root / "snapshots").rglob("*") if path.is_file())
        frames = str(desk.rows(report).to_dicts()) + str(desk.quarantine(report).to_dicts())
        for value in planted.values():
            assert value not in frames
            assert value.encode() not in left
            assert value not in said

    def test_a_vault_that_fails_leaves_no_load(self, desk: Desk) -> None:
        """Half a load is no load."""

        class Closed(MemoryVault):
            def resolve(self, kind: str, numbers: pl.Series, *, load: LoadRef, first_seen_at: dt.datetime) -> pl.Series:
                raise ConnectionError(kind, numbers.len(), load, first_seen_at)

        desk.vault = Closed()
        with pytest.raises(ConnectionError):
            desk.load_text(f"号码\n{ANN}\n", resource())

        assert desk.register.loads == []
        assert list((desk.root / "snapshots" / "list").iterdir()) == []


class TestCompleteness:
    """Whether a load may speak of absence."""

    @staticmethod
    def people(count: int) -> str:
        """Return a list of so many different people."""
        return "号码\n" + "".join(f"31011819900101{index:04d}\n" for index in range(count))

    @pytest.mark.parametrize(("count", "is_complete"), [(9, False), (10, True)])
    def test_rows_least(self, desk: Desk, count: int, *, is_complete: bool) -> None:
        """A list with too few rows is not believed about those whom it leaves out."""
        report = desk.load_text(self.people(count), resource(LIST, rows_least="10"))

        assert report.load.is_complete is is_complete
        assert report.load.incomplete_because == (None if is_complete else "9 rows, expected at least 10")
        assert ("P219" in codes(report)) is not is_complete

    @pytest.mark.parametrize(("count", "is_complete"), [(79, False), (80, True)])
    def test_a_sudden_drop(self, desk: Desk, count: int, *, is_complete: bool) -> None:
        """A fifth of the list gone overnight is a fault until somebody says that it is not."""
        desk.load_text(self.people(100), resource(), data_date=dt.date(2025, 6, 1))
        report = desk.load_text(self.people(count), resource())

        assert report.load.is_complete is is_complete
        assert report.load.incomplete_because == (None if is_complete else "79 rows after 100 on 2025-06-01")

    def test_a_drop_that_is_confirmed(self, desk: Desk) -> None:
        """A person may say that the file is right; it then stands above the one that was not believed."""
        desk.load_text(self.people(100), resource(), data_date=dt.date(2025, 6, 1))
        doubted = desk.load_text(self.people(10), resource())
        believed = desk.load_text(self.people(10), resource(), is_confirmed=True)

        assert not doubted.load.is_complete
        assert believed.load.is_complete

    def test_a_drop_is_measured_against_what_was_believed(self, desk: Desk) -> None:
        """Sinking in small steps through loads that were not believed is no way around."""
        desk.load_text(self.people(100), resource(), data_date=dt.date(2025, 5, 1))
        desk.load_text(self.people(50), resource(), data_date=dt.date(2025, 6, 1))

        assert not desk.load_text(self.people(45), resource()).load.is_complete

    @pytest.mark.parametrize(("bad", "is_complete"), [(1, True), (2, False)])
    def test_unreadable_keys(self, desk: Desk, bad: int, *, is_complete: bool) -> None:
        """Whoever stands behind unreadable keys would look absent."""
        report = desk.load_text(self.people(100 - bad) + "?\n" * bad, resource())

        assert report.load.is_complete is is_complete

    def test_regions(self, desk: Desk) -> None:
        """A region from which nothing came is told apart; the others are answered."""
        to = resource(LIST, "{name: 区, type: region}", regions='{column: 区, expects: ["310101", "310118", "310115"]}')
        report = desk.load_text(f"号码,区\n{ANN},310118001\n{BOB},310101\n", to)

        assert report.load.is_complete
        assert report.load.regions_missing == ("310115",)
        assert codes(report) == {"P218": 1}

    def test_regions_without_a_column(self, desk: Desk) -> None:
        """The load speaks for all of them as a whole."""
        to = resource(LIST, regions='{expects: ["310101", "310118"]}')

        assert desk.load_text(f"号码\n{ANN}\n", to).load.regions_missing == ()

    def test_an_empty_list(self, desk: Desk) -> None:
        """It is incomplete, unless the resource says that nobody at all is possible."""
        doubted = desk.load_text("号码\n", resource())
        believed = desk.load_text("号码\n\n", resource(LIST, rows_least="0"))

        assert not doubted.load.is_complete
        assert believed.load.is_complete
        assert desk.rows(believed).columns == ["subject_id", "row_number"]

    def test_an_increment_may_be_empty(self, desk: Desk) -> None:
        """A quiet day."""
        to = resource(
            LIST,
            "{name: 键, type: text, role: row_key}",
            "{name: 起, type: date, role: valid_from}",
            kind="spell",
            delivery="increment",
        )

        assert desk.load_text("号码,键,起\n", to).load.is_complete

    def test_a_file_of_something_else(self, desk: Desk) -> None:
        """No row fits: the last good load stays the last."""
        with pytest.raises(ProfileError, match="error\\[P217\\]: no row fits the resource `list`"):
            desk.load_text("号码\nx\ny\n", resource())

        assert desk.register.loads == []
        assert list((desk.root / "snapshots" / "list").iterdir()) == []


class TestDays:
    """The day that a file speaks for."""

    @pytest.mark.parametrize("name", ["list-2025-06-30.csv", "20250630名单.csv", "v2_20250630_20250630.csv"])
    def test_from_the_name(self, desk: Desk, name: str) -> None:
        """Departments put it there."""
        report = desk.load(desk.write(f"号码\n{ANN}\n", name), resource(), data_date=None)

        assert report.load.data_date == dt.date(2025, 6, 30)

    @pytest.mark.parametrize(
        "name", ["list.csv", "2025-06.csv", "202506301.csv", "20251332.csv", "20250630-20250701.csv"]
    )
    def test_not_from_the_name(self, desk: Desk, name: str) -> None:
        """No day, or two: nobody guesses."""
        with pytest.raises(ProfileError, match="P212"):
            desk.load(desk.write(f"号码\n{ANN}\n", name), resource(), data_date=None)

    def test_ahead(self, desk: Desk) -> None:
        """It is still 2 July in China; tomorrow cannot be told."""
        with pytest.raises(ProfileError, match="the data date 2025-07-03 lies ahead"):
            desk.load_text(f"号码\n{ANN}\n", resource(), data_date=dt.date(2025, 7, 3))

    def test_today_in_china(self, desk: Desk) -> None:
        """Days are days in China: one hour before midnight in London it is tomorrow there."""
        late = dt.datetime(2025, 7, 2, 23, 0, tzinfo=dt.UTC)

        assert desk.load_text(f"号码\n{ANN}\n", resource(), data_date=dt.date(2025, 7, 3), loaded_at=late).is_new

    def test_out_of_order(self, desk: Desk) -> None:
        """A late load for an earlier day is a load; somebody should know."""
        desk.load_text(f"号码\n{ANN}\n", resource())
        late = desk.load_text(f"号码\n{BOB}\n", resource(), data_date=dt.date(2025, 6, 1))

        assert codes(late) == {"P216": 1}


class TestWriting:
    """A load is there as a whole or not at all."""

    def test_a_place_that_cannot_be_written(self, desk: Desk) -> None:
        """The reason is told, without a path of this machine."""
        (desk.root / "snapshots").mkdir()
        (desk.root / "snapshots" / "list").write_text("in the way")

        with pytest.raises(ProfileError, match="list: error\\[P214\\]: the load cannot be written: file exists"):
            desk.load_text(f"号码\n{ANN}\n", resource())

    def test_a_full_disk(self, desk: Desk) -> None:
        """Files may grow no further: nothing is left, nothing recorded, and the next try succeeds."""
        text = "号码,级\n" + "".join(f"31011819900101{index:04d},{index * 7919 % 10**6}\n" for index in range(9_000))
        path = desk.write(text)
        before = limits.getrlimit(limits.RLIMIT_FSIZE)
        limits.setrlimit(limits.RLIMIT_FSIZE, (20_000, before[1]))
        try:
            with pytest.raises(ProfileError, match="P214"):
                desk.load(path, resource(LIST, LEVEL))
        finally:
            limits.setrlimit(limits.RLIMIT_FSIZE, before)

        assert list((desk.root / "snapshots" / "list").iterdir()) == []
        assert desk.register.loads == []
        assert desk.load(path, resource(LIST, LEVEL)).is_new

    def test_what_a_killed_process_left(self, desk: Desk) -> None:
        """It is removed by the next load; what a running process works on is not."""
        folder = desk.root / "snapshots" / "list"
        (folder / ".l_dead.999999999").mkdir(parents=True)
        (folder / ".l_alive.1").mkdir()

        desk.load_text(f"号码\n{ANN}\n", resource())

        assert [path.name for path in folder.iterdir() if path.is_dir()] == [".l_alive.1"]


def test_many_batches_are_one_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a file is cut for reading changes nothing."""
    lines = [f"31011819900101{index:04d},{index % 4}" for index in range(500)]
    text = "号码,级\n" + "\n".join([*lines, lines[3], f"{ANN},x", f"{lines[7][:18]},9"])
    whole = desk.load_text(text, resource(LIST, LEVEL))
    monkeypatch.setattr("profiles.encoding.BLOCK_BYTES", 700)
    cut = desk.load_text(text, resource(LIST, LEVEL), is_confirmed=True)

    assert desk.rows(cut).equals(desk.rows(whole))
    assert desk.quarantine(cut).equals(desk.quarantine(whole))
    assert [str(finding) for finding in cut.findings] == [str(finding) for finding in whole.findings]
