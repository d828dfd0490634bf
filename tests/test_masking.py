"""Numbers and names of persons in free text: masked however they are written; nothing else of an address changes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import Engine

from addressbook import identity
from addressbook.masking import Own, mask_identity, mask_numbers, mask_phone, mask_text, masked
from tests.review_world import ReviewDesk, people
from tests.test_subjects import plain_words
from tests.worlds import ESTATE, ROOM, TOWN, World, identity_number

NUMBERS = (
    "110101197503071230", "１１０１０１１９５５０３０７１２３１", "110101 19750307 1230", "110101-19850307-1235",
    "110101　1985 03 07－1235", "1101 0119 9003 0700 97", "33010919900101123Ｘ", "33010919900101123x",
    "11010119900307123×", "ID330109199001011234", "330109199001011234A", "330109750307123", "330109 750307 123",
    "13912345678", "139-1234-5679", "139‐1234－5679", "139.1234.5679", "139·1234·5679", "139/1234/5679",
    "139 12345679", "1391234 5679", "1391 234 5679", "1 3 9 1 2 3 4 5 6 7 8", "+86 139 1234 5671", "+8613912345671",
    "008613912345671", "8613912345678", "(+86)13912345678", "１３９１２３４５６７０", "٠١٠١٢٣٤٥٦٧٨",
    "139\u200b1234\u200b5678", "tel13912345678", "QQ13912345678", "0571-82345678", "057182345678", "（0571）8234 5678",
    "+86 571 8234 5678", "010 12345678", "𝟏𝟑𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
)  # fmt: skip
NOT_OF_PERSONS = (
    "市心北路260号3幢1单元502室", "3-2-101", "15-2-1301-1302", "1101-1103", "1501-1502-1503室", "151-1101-1103室",
    "市心北路151-1101-1103", "138-139-1401-1402",
    "0301-0302-0303", "201-202-203-204-205-206", "1801,1802,1901,1902", "1801/1802/1901/1902",
    "1101-1102-1103-1104", "330109001001", "330109001001GB00001F00010001", "913301091434387041", "91330109MA2B1HGX35",
    "120.2643210 30.1975012", "120.264192 30.1234567", "120.264192/30.123456", "2020-01-31 10:20:30",
    "2026-01-01 2026-12-31", "3f2b1391-2345-4678-8901-139123456781", "DZ000000001", "G20250307 12345", "400-820-8820",
    "20000000000", "990000000000000", "1301811234567890",
)  # fmt: skip
NAME, PHONE, IDENTITY = "司马审核", "82345678", identity_number(7)
OWN = Own(NAME, IDENTITY, PHONE)


def digits_of(text: str) -> str:
    return "".join([str(unicodedata.decimal(symbol)) for symbol in text if symbol.isdecimal()])


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "3幢2单元202室{}", "{}号码", "{}，{}", "市心北路260号 {} 3-2-101"])
def test_a_number_of_a_person_is_masked_however_it_is_written(number: str, around: str) -> None:
    text = around.replace("{}", number)
    shown = mask_numbers(text)
    assert digits_of(number)[-11:] not in digits_of(shown)
    assert shown.count("*") >= 4 * around.count("{}")
    before, _, behind = around.partition("{}")
    assert shown.startswith(before)
    assert shown.endswith(behind.rpartition("{}")[2])


@pytest.mark.parametrize("text", NOT_OF_PERSONS)
@pytest.mark.parametrize("around", ["{}", "市心北路260号{}", "{}，北干街道"])
def test_numbers_of_houses_codes_points_and_days_stay(text: str, around: str) -> None:
    assert mask_numbers(around.format(text)) == around.format(text)


def test_a_code_of_an_address_is_never_a_telephone() -> None:
    body = next(f"H{number}" for number in range(1391234567, 1391239999) if _check(number).isdigit())
    code = f"{body}{_check(int(body[1:]))}"
    for text in (code, identity.printed(code), f"见{code}。"):
        assert mask_numbers(text) == text
    assert "*" in mask_numbers(code[1:])


def _check(number: int) -> str:
    return identity.check_character(f"H{number}")


def test_several_numbers_are_masked_each_in_its_form() -> None:
    assert mask_numbers("甲13912345678/0571-82345678,乙110101 19750307 1230") == (
        "甲139****5678/****-******78,乙110**************0"
    )
    assert mask_numbers("tel13912345678转801") == f"tel{mask_phone('13912345678')}转801"
    assert mask_numbers("号330109750307123") == f"号{mask_identity('330109750307123')}"


def test_what_is_read_of_a_masked_number_is_not_quoted() -> None:
    text = masked(f"南岸明珠3幢{NAME}110101 19750307 1230", OWN)
    assert text.text == "南岸明珠3幢司**110**************0"
    assert text.quote("3幢110101层19750307室") == "3幢******层********室"
    assert text.quote(f"{NAME}3幢307室，13幢") == "司**3幢***室，13幢"
    assert masked("三组0502室139-1234-5679").quote("3组502室1234幢") == "3组502室****幢"
    assert masked("南岸明珠3幢").quote("13912345678室") == "13912345678室", "nothing was masked that it could quote"


@given(st.text("0123456789１９Xx -－./·路号室幢A+()\u200b", max_size=60))
def test_masking_takes_nothing_but_digits_and_what_is_between_them(text: str) -> None:
    shown = mask_numbers(text)
    kept = [symbol for symbol in text if symbol in "路号室幢"]
    assert [symbol for symbol in shown if symbol in "路号室幢"] == kept
    if sum(symbol.isdecimal() for symbol in text) < 11:
        assert shown == text


@given(st.text("路号室幢, A", max_size=10), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.booleans())
def test_a_telephone_in_any_text_and_script_is_masked(around: str, phone: str, wide: bool) -> None:
    written = "".join([chr(ord(digit) + 0xFEE0) for digit in phone]) if wide else phone
    assert mask_numbers(f"路{around} {written}{around}") == f"路{around} {mask_phone(phone)}{around}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{ROOM}{NAME}", f"{ROOM}司**"),
        (f"{NAME}：{ROOM}", f"司**：{ROOM}"),
        (f"{ROOM}（司马 审核收）", f"{ROOM}（司**收）"),
        (f"{NAME}路3号", f"{NAME}路3号"),
        (f"{ROOM}电话8234-5678", f"{ROOM}电话******78"),
        (f"{ROOM}20{IDENTITY}", f"{ROOM}20{mask_identity(IDENTITY)}"),
        (f"{ROOM}1{PHONE}", f"{ROOM}1{PHONE}"),
    ],
)
def test_what_a_row_says_of_its_person_is_masked_in_its_texts(text: str, shown: str) -> None:
    assert mask_text(text, OWN) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("高桥村3组5号", "高桥村3组5号"), ("萧山区高桥3组", "萧山区高桥3组"), ("北干街道高桥", "北干街道高桥"),
        ("3组5号高桥", "3组5号高*"), ("3组5号（高桥）", "3组5号（高*）"), ("高桥村5号 高桥收", "高桥村5号 高*收"),
        ("户主高桥13912345678", "户主高*139****5678"), ("502室高桥电话", "502室高*电话"),
        ("南岸明珠高桥139 1234 5678", "南岸明珠高*139****5678"), ("高桥13-2-1101", "高桥13-2-1101"),
        ("南岸明珠高桥收", "南岸明珠高*收"), ("北干街道高桥收费站", "北干街道高桥收费站"),
    ],
)  # fmt: skip
def test_a_name_of_two_characters_is_masked_where_it_stands_by_itself(text: str, shown: str) -> None:
    assert mask_text(text, Own("高桥")) == shown


def test_names_in_one_cell_latin_names_and_no_name() -> None:
    assert mask_text("502室李红梅", Own("王小明、李红梅")) == "502室李**"
    assert mask_text("502室张小三", Own("张 小 三")) == "502室张**"
    assert mask_text("502室 JOHN Smith, Annex 3", Own("John Smith")) == "502室 J** S**, Annex 3"
    assert mask_text("502室 Annex 3", Own("Ann")) == "502室 Annex 3"
    assert mask_text("502室明", Own("明")) == "502室明"


def test_no_table_holds_a_number_or_a_name_of_a_person_in_plain(database: Engine, tmp_path: object) -> None:
    world = World(database, tmp_path)  # type: ignore[arg-type]
    world.texts([ESTATE, ROOM])
    names = ["司马审核", "欧阳测试", "王平"]
    rows: list[dict[str, str]] = []
    for number, written in enumerate(NUMBERS):
        name = names[number % len(names)]
        for place in (ROOM, f"{ESTATE}3幢1单元599室", "无此地址"):
            text = f"{place}（{name}）{written}"
            rows.append({"姓名": name, "身份证号": identity_number(100 + len(rows)), "现住地址": text, "手机": PHONE})
    rows.append(rows[0] | {"身份证号": identity_number(98), "现住地址": f"{ROOM} {identity_number(98)} {PHONE}"})
    report = world.load_rows("people", rows)
    assert report.totals.rejected == 0
    assert world.one("SELECT count(*) FROM link WHERE received_text LIKE '%**%'") > len(NUMBERS) / 3
    assert world.one("SELECT count(*) FROM review_item WHERE received_text LIKE '%**%'") > len(NUMBERS)
    plain = {*(written.strip("()+QIDAtel") for written in NUMBERS), *map(digits_of, NUMBERS)}
    assert plain_words(world, *plain, *names, identity_number(98), PHONE) == []
    told = "SELECT received_text || unresolved_tail || reasons || candidates FROM review_item"
    for (words,) in [*world.rows(told), *world.rows("SELECT received_text || reasons || '' FROM link")]:
        # Hyphens and spaces make the parser take a number apart: its pieces are quoted as numbers of houses.
        assert not any(piece in words for piece in ("1234", "19750307", "19850307", "750307", "8234"))
    before = world.snapshot()
    world.load_rows("people", rows)
    assert world.snapshot() == before, "an unchanged file changes nothing"


def test_texts_of_events_and_things_are_masked_too(database: Engine, tmp_path: object) -> None:
    world = World(database, tmp_path)  # type: ignore[arg-type]
    world.texts([ESTATE, ROOM])
    told = "１３９１２３４５６７０"
    world.load_rows("events", [{"标题": f"来电{told}", "事发地址": f"{ROOM}{told}", "发生日期": "2026-01-02"}])
    world.load_rows("things", [{"名称": f"灭火器tel{told}", "位置": f"{ROOM}{told}"}])
    world.propose([f"{ESTATE}3幢1单元599室{told}", f"无此地址{told}"])
    assert plain_words(world, told, "13912345670") == []


def test_no_address_is_made_of_the_pieces_of_a_number(estate: World) -> None:
    before = estate.addresses()
    numbers = ("139-1234-5679", "110101-19850307-1235", "110101 19750307 1230", "330109-750307-123")
    places = [ESTATE, f"{ESTATE}3幢", f"{TOWN}金城路"]
    estate.propose([f"{place}{number}" for place in places for number in numbers])
    assert estate.addresses() == before
    assert estate.one("SELECT count(*) FROM review_item WHERE state = 'open'") > 0
    estate.propose([f"{ESTATE}3幢1单元599室 13912345679", f"{ESTATE}三幢1单元139室 13912345679"], "more")
    assert len(estate.addresses()) == len(before) + 2


def test_a_masked_text_teaches_no_alias(estate: World) -> None:
    desk, name = ReviewDesk(estate), "SELECT name FROM address_alias WHERE origin = 'review'"
    for who, taught in (("司马审核", []), ("", [("望江新居",)])):
        row = people(f"{TOWN}望江新居{who}3幢1单元502室", first=1 + len(taught))[0]
        (item,) = desk.wait("people", [row | {"姓名": who or "无名氏"}], f"file {len(taught)}")
        desk.choose(item, "3幢1单元502室")
        assert estate.rows(name) == taught
    assert plain_words(estate, "司马审核") == []
