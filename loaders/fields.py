"""One row's cells read as what they should be; a cell that is not is a FieldError with its reason code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from addressbook import identity
from addressbook.errors import FieldError
from loaders.mapping import ColumnMapping
from loaders.reading.rows import RawRow

BLANKS = frozenset({"", "-", "--", "/", "无", "空", "null", "none", "nan", "n/a", "不详", "未知"})
_LONGEST_BLANK = max(map(len, BLANKS))
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})")
_ISO_DATE_CHARACTERS = 10
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(万)?(?:㎡|m2|m²|平方米|平米|平方|年|元(?:/月|每月)?)?", re.IGNORECASE)
LONGEST_CHARACTERS = 500
"""Of a key, a name or a category: what the database can index. Nobody writes longer ones on purpose."""
LONGEST_STEP_CHARACTERS = 100
UNLIMITED = frozenset({"title", "remark", "address", "residence", "household_registration", "operating"})
QUOTED_CHARACTERS = 40
CODES = frozenset({"source_key", "identity", "uscc", "phone", "house_code", "estate_unit"})
_ROUNDED = re.compile(r"[0-9]\.[0-9]+E\+[0-9]{2}", re.IGNORECASE)


class Fields:
    """The cells of one row under the field names of its kind."""

    __slots__ = ("_firsts", "_mapping", "_private", "_several", "row")

    def __init__(self, row: RawRow, mapping: ColumnMapping, *, private: bool = False) -> None:
        self.row = row
        self._mapping = mapping
        self._private = private
        self._firsts, self._several = _first_texts(row.values, mapping)

    def text(self, field: str) -> str:
        """The first filled cell of the field's columns; "" where there is none or it says 无, - and the like.

        Raises FieldError for a cell longer than any key, name or category, and for a code that a spreadsheet has
        rounded.
        """
        value = self._firsts.get(field)
        if value is None:
            return ""
        if len(value) > LONGEST_CHARACTERS and field not in UNLIMITED:
            raise too_long(field)
        if "+" in value and field in CODES and _ROUNDED.fullmatch(value):
            raise precision_lost(field)
        return value

    def step(self, field: str) -> str:
        """A step of an address, a name or a number: many of them make one path, which an index has to hold."""
        value = self.text(field)
        if len(value) > LONGEST_STEP_CHARACTERS:
            raise too_long(field)
        return value

    def steps(self, fields: Sequence[str]) -> dict[str, str]:
        """The steps that are filled, of those that may make up an address."""
        firsts = self._firsts
        return {field: self.step(field) for field in fields if field in firsts}

    def texts(self, field: str) -> tuple[str, ...]:
        """Every filled cell of the field's columns, in order, cut at the mapping's separator."""
        first = self._firsts.get(field)
        cells = self._all(field) if field in self._several else [first] if first else []
        separator = self._mapping.split.get(field)
        if separator:
            parts = (part.strip() for cell in cells for part in cell.split(separator))
            cells = [part for part in parts if part.lower() not in BLANKS]
        return tuple(dict.fromkeys(cells))

    def _all(self, field: str) -> list[str]:
        cells = [_text(self.row.values.get(column, "")) for column in self._mapping.columns_of(field)]
        return [text for text in cells if text]

    def quoted(self, value: str) -> str:
        """A cell as an error may repeat it: shortened, and not at all where the row is about a person."""
        if self._private:
            return "…"
        return value if len(value) <= QUOTED_CHARACTERS else f"{value[:QUOTED_CHARACTERS]}…"

    def shown_key(self) -> str:
        """The key of a row that is refused, as its outcome may repeat it; never raises."""
        return "" if self._private else self._firsts.get("source_key", "")[:LONGEST_CHARACTERS]

    def date(self, field: str) -> date | None:
        """A date written 2020-01-31, 2020/1/31, 20200131, 2020年1月31日, 2020-01 or 2020年1月; None where empty.

        Of a month it is the first day.
        """
        value = self.text(field)
        if not value:
            return None
        if len(value) == _ISO_DATE_CHARACTERS and value[4] == value[7] == "-":  # the usual way
            with suppress(ValueError):
                return date.fromisoformat(value)
        match = _DATE.fullmatch(value)
        parts = [int(part) for part in match.groups() if part] if match else []
        try:
            return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
        except (IndexError, ValueError):
            raise FieldError(
                "date_wrong",
                field,
                f"{self.quoted(value)!r} is not a date.",
                zh=f"“{self.quoted(value)}”不是有效日期。",
                remedy="Write 2020-01-31.",
            ) from None

    def number(self, field: str, low: float, high: float) -> float | None:
        """A number between `low` and `high`, a unit behind it allowed; None where empty."""
        value = self.text(field)
        if not value:
            return None
        match = _NUMBER.fullmatch(value.replace(",", ""))
        number = float(match.group(1)) * (10_000 if match.group(2) else 1) if match else None
        if number is None or not low <= number <= high:
            raise FieldError(
                "number_wrong",
                field,
                f"{self.quoted(value)!r} is not a number between {low:g} and {high:g}.",
                zh=f"“{self.quoted(value)}”不是 {low:g} 到 {high:g} 之间的数。",
                remedy="Correct the cell.",
            )
        return number

    def uscc(self, field: str) -> str:
        """A 统一社会信用代码 with the right check character, upper case; "" where empty (GB 32100-2015)."""
        value = self.text(field).upper().replace(" ", "")
        if value and not identity.is_valid_uscc(value):
            raise FieldError(
                "uscc_wrong",
                field,
                f"{self.quoted(value)} is not a valid unified social credit code.",
                zh=f"统一社会信用代码 {self.quoted(value)} 校验不符。",
                remedy="Compare it with the licence.",
            )
        return value

    def identity_number(self, field: str) -> str:
        """An 18-digit identity number with the right check character; "" where empty (GB 11643-1999).

        The number itself is never part of the error.
        """
        value = self.text(field).upper().replace(" ", "")
        if value and not identity.is_identity_number(value):
            raise FieldError(
                "identity_number_wrong",
                field,
                "the identity number is not valid.",
                zh="身份证号码校验不符。",
                remedy="Compare it with the card.",
            )
        return value


def precision_lost(field: str) -> FieldError:
    """The error of a long number that a spreadsheet has turned into a rounded one."""
    return FieldError(
        "number_precision_lost",
        field,
        "the spreadsheet has turned a long number into a rounded one.",
        zh="长号码被电子表格转成数值，末位已丢失。",
        remedy="Format the column as text and enter it again.",
    )


def too_long(field: str) -> FieldError:
    """The error of a cell longer than any key, name or category."""
    return FieldError(
        "cell_too_long",
        field,
        "the cell is longer than any name, key or category.",
        zh="单元格过长，不可能是名称、编号或类别。",
        remedy="See whether the file is damaged; shorten the cell.",
    )


def _first_texts(values: dict[str, str], mapping: ColumnMapping) -> tuple[dict[str, str], set[str]]:
    """The first filled cell of every field, and the fields that have more than one, in one pass over the row."""
    fields_of, several = mapping.fields_of, set()
    firsts: dict[str, str] = {}
    ranks: dict[str, int] = {}
    for column, cell in values.items():
        fields = fields_of.get(column)
        if fields is None:
            continue
        # What is longer than any blank need not be looked at.
        text = cell if len(cell) > _LONGEST_BLANK and cell[0] != "'" else _text(cell)
        for field, rank in fields if text else ():
            if field in ranks:
                several.add(field)
                if rank > ranks[field]:
                    continue
            firsts[field], ranks[field] = text, rank
    return firsts, several


def _text(cell: str) -> str:
    """What a cell says; "" where it says nothing."""
    # A leading apostrophe is how people keep a spreadsheet from turning a code into a number.
    text = cell[1:] if cell[:1] == "'" else cell
    return "" if len(text) <= _LONGEST_BLANK and text.lower() in BLANKS else text
