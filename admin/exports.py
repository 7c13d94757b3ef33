"""Pass rates as an .xlsx file: numbers are numbers, and a name can never become a formula."""

from io import BytesIO
from typing import Any

import xlsxwriter

from admin import words
from admin.formats import in_china, when
from exam.results.service import PassRates, SchoolPassRate

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "食品药品安全抽查考核合格率（按单位）"
HEADINGS = ("单位", "类别", "区县", "备注", "应考", "参考（n）", "缺考", "合格", "合格率", "95%区间下限", "95%区间上限")
HEADING_ROW = 4
"""Row (from 0) of the headings; the organisations follow from the next one on."""

_WIDTHS = (34, 16, 14, 8, 8, 10, 8, 8, 24, 13, 13)
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_pass_rates(rates: PassRates, filter_name: str) -> bytes:
    """The workbook. `filter_name` says which assessments the rates are of."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": TITLE, "created": in_china(rates.at).replace(tzinfo=None)})
        sheet = book.add_worksheet("合格率")
        _write_head(book, sheet, rates, filter_name)
        plain, share = book.add_format(), book.add_format({"num_format": "0.0%"})
        for row, line in enumerate(rates.lines, start=HEADING_ROW + 1):
            _write_line(sheet, row, line, rates.minimum_n, plain, share)
        _lay_out(sheet, HEADING_ROW + len(rates.lines))
    return buffer.getvalue()


def _write_head(book: xlsxwriter.Workbook, sheet: Any, rates: PassRates, filter_name: str) -> None:
    bold = book.add_format({"bold": True, "font_size": 14})
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#E2F3EE"})
    sheet.write_string(0, 0, TITLE, bold)
    sheet.write_string(1, 0, f"范围：{filter_name}")
    extent = f"{len(rates.lines)}个单位，参考{rates.total.sat}人次（n={rates.total.sat}）"
    sheet.write_string(2, 0, f"截至{when(rates.at)}（北京时间）；{extent}")
    for column, text in enumerate(HEADINGS):
        sheet.write_string(HEADING_ROW, column, text, heading)


def _write_line(sheet: Any, row: int, line: SchoolPassRate, minimum_n: int, plain: Any, share: Any) -> None:
    demo = "示例" if line.is_demo else ""
    for column, text in enumerate((line.organisation_name, words.term(line.kind), line.region_name, demo)):
        sheet.write_string(row, column, text, plain)
    for column, number in enumerate((line.tally.drawn, line.tally.sat, line.tally.absent), start=4):
        sheet.write_number(row, column, number, plain)
    if line.rate is None or line.interval is None:
        sheet.write_string(row, 8, words.suppressed(minimum_n), plain)  # and no 合格, from which the rate could be told
        return
    sheet.write_number(row, 7, line.tally.passed, plain)
    for column, value in enumerate((line.rate, *line.interval), start=8):
        sheet.write_number(row, column, value, share)


def _lay_out(sheet: Any, last_row: int) -> None:
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(HEADING_ROW + 1, 1)
    sheet.autofilter(HEADING_ROW, 0, max(last_row, HEADING_ROW + 1), len(HEADINGS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADING_ROW)


__all__ = ["HEADINGS", "HEADING_ROW", "TITLE", "XLSX_TYPE", "write_pass_rates"]
