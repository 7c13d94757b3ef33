import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from admin.exports import HEADING_ROW, HEADINGS, XLSX_TYPE
from tests.admin.browser import Browser, Reply
from tests.admin.world import World

PAGE, FILE = "/admin/pass-rates", "/admin/pass-rates.xlsx"
INJECTIONS = ['=HYPERLINK("http://evil")小学', "+1+1中学", "-2+3中学", "@SUM(A1)园", "http://evil.example/小学", "12345"]


async def _sat(world: World, login: str = "admin", **plan: object) -> int:
    """金水一小: 3 of 4 pass. 中原二中: 1 of 1 passes, one absent, too few to show. 开封三小: 0 of 3 (when in the region)."""
    plan = {"region_code": "410000"} | plan
    assessment_id, round_id = await world.open_assessment(login, **plan)
    for name, wrong in (("张三", 0), ("李四", 0), ("王五", 0), ("欧阳小明", 1), ("赵六", 0)):
        await world.sit(name, round_id, wrong=wrong)
    if plan["region_code"] == "410000":
        for name in ("孙八", "周九", "吴十"):
            await world.sit(name, round_id, wrong=2)
    await world.close_window()
    return assessment_id


def _table(reply: Reply) -> list[list[str]]:
    """The table of the page: a line a school, cells as a person reads them."""
    body = reply.text.split("<table")[1].split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>") if "<t" in row]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def _sheet(reply: Reply) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(reply.body)).get_sheet_by_index(0).to_python(skip_empty_area=False)


@pytest.mark.asyncio
async def test_rates_are_shown_by_school_lowest_first_each_with_its_n(browser: Browser, world: World) -> None:
    await _sat(world)
    await browser.sign_in("admin")
    reply = await browser.get(PAGE)
    assert _table(reply) == [
        ["开封三小", "中小学食堂", "开封市", "3", "3", "0", "0", "0.0% n=3", "0.0%–56.1%"],
        ["金水一小", "中小学食堂", "金水区", "4", "4", "0", "3", "75.0% n=4", "30.1%–95.4%"],
        ["中原二中", "中小学食堂", "中原区", "2", "1", "1", "—", "人数不足3人，不显示"],
    ]
    assert "3个单位，应考9人次，参考8人次，缺考1人次，合格4人次， 合格率50.0%（n=8）" in reply.words


@pytest.mark.asyncio
async def test_a_school_with_too_few_is_in_no_chart_and_its_rate_cannot_be_told(browser: Browser, world: World) -> None:
    await _sat(world)
    await browser.sign_in("admin")
    reply = await browser.get(PAGE)
    chart = reply.text.split("<svg")[1].split("</svg>")[0]
    assert "中原二中" not in chart
    assert "100.0%" not in reply.words
    assert "有1个单位参考不足3人" in reply.words


@pytest.mark.asyncio
async def test_the_chart_draws_the_numbers_of_the_table_on_a_plain_scale(browser: Browser, world: World) -> None:
    await _sat(world)
    await browser.sign_in("admin")
    chart = (await browser.get(PAGE)).text.split("<svg")[1].split("</svg>")[0]
    assert re.findall(r'class="bar"[^>]* width="([\d.]+)%"', chart) == ["0.00", "75.00"]
    whiskers = re.findall(r'<g class="whisker">\s*<line x1="([\d.]+)%" x2="([\d.]+)%"', chart)
    assert whiskers == [("0.00", "56.15"), ("30.06", "95.44")]
    assert re.findall(r">(\d+)%</text>", chart)[::2] == ["0", "20", "40", "60", "80", "100"]
    assert "<title" in chart
    assert "金水一小75.0%，n=4" in chart.split("<desc")[1].split("</desc>")[0]
    assert "75.0%（3/4）" in chart


@pytest.mark.asyncio
async def test_one_assessment_can_be_looked_at_alone(browser: Browser, world: World) -> None:
    await _sat(world, title="第一次")
    assessment_id, round_id = await world.open_assessment(title="第二次", region_code="410105")
    for name in ("张三", "李四", "王五"):
        await world.sit(name, round_id, wrong=1)
    await browser.sign_in("admin")
    both, alone = await browser.get(PAGE), await browser.get(f"{PAGE}?assessment={assessment_id}")
    assert _table(both)[1][3:8] == ["8", "7", "0", "3", "42.9% n=7"]
    assert _table(alone) == [["金水一小", "中小学食堂", "金水区", "4", "3", "0", "0", "0.0% n=3", "0.0%–56.1%"]]
    assert "“第二次”：1个单位" in alone.words
    assert f'href="{FILE}?assessment={assessment_id}"' in alone.text
    sheet = _sheet(await browser.get(f"{FILE}?assessment={assessment_id}"))
    assert sheet[1][0] == "范围：第二次"
    assert sheet[HEADING_ROW + 1][4:9] == [4, 3, 0, 0, 0]


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", ["999", "x", "1 or 1=1", "%00", "-1"])
@pytest.mark.parametrize("path", [PAGE, FILE])
async def test_an_unknown_assessment_is_not_found(browser: Browser, world: World, path: str, asked: str) -> None:
    await browser.sign_in("admin")
    assert (await browser.get(f"{path}?assessment={asked}")).status == 404


@pytest.mark.asyncio
async def test_a_city_sees_its_own_schools_and_only_them(browser: Browser, world: World) -> None:
    await _sat(world)
    await browser.sign_in("kaifeng")
    assert [row[0] for row in _table(await browser.get(PAGE))] == ["开封三小"]
    assert [row[0] for row in _sheet(await browser.get(FILE))[HEADING_ROW + 1 :]] == ["开封三小"]


@pytest.mark.asyncio
async def test_another_citys_assessment_is_no_filter(browser: Browser, world: World) -> None:
    assessment_id = await _sat(world, region_code="410100")
    await browser.sign_in("kaifeng")
    for path in (PAGE, FILE):
        assert (await browser.get(f"{path}?assessment={assessment_id}")).status == 404


@pytest.mark.asyncio
async def test_a_manager_sees_the_own_school_and_no_filter(browser: Browser, world: World) -> None:
    assessment_id = await _sat(world)
    await browser.sign_in("manager")
    reply = await browser.get(PAGE)
    assert [row[0] for row in _table(reply)] == ["金水一小"]
    assert "<select" not in reply.text
    assert (await browser.get(f"{PAGE}?assessment={assessment_id}")).status == 404


@pytest.mark.asyncio
async def test_without_results_the_page_says_so(browser: Browser, world: World) -> None:
    await browser.sign_in("regulator")
    reply = await browser.get(PAGE)
    assert "还没有考核结果" in reply.words
    assert "<svg" not in reply.text
    assert len(_sheet(await browser.get(FILE))) == HEADING_ROW + 1


@pytest.mark.asyncio
async def test_the_spreadsheet_holds_the_numbers_of_the_service(browser: Browser, world: World) -> None:
    await _sat(world)
    await browser.sign_in("admin")
    reply = await browser.get(FILE)
    assert reply.headers["Content-Type"] == XLSX_TYPE
    assert 'filename="pass-rates-20261124-1200.xlsx"' in reply.headers["Content-Disposition"]
    assert "filename*=UTF-8''%E5%90%88%E6%A0%BC%E7%8E%87-20261124-1200.xlsx" in reply.headers["Content-Disposition"]
    sheet = _sheet(reply)
    assert sheet[1][0] == "范围：全部考核"
    assert sheet[2][0] == "截至2026-11-24 12:00（北京时间）；3个单位，参考8人次（n=8）"
    assert tuple(sheet[HEADING_ROW]) == HEADINGS
    rates = await world.results.pass_rates(await world.actor("admin"))
    for line, row in zip(rates.lines, sheet[HEADING_ROW + 1 :], strict=True):
        assert row[0] == line.organisation_name
        assert row[4:7] == [line.tally.drawn, line.tally.sat, line.tally.absent]
        if line.rate is None or line.interval is None:
            assert row[7:] == ["", "人数不足3人，不显示", "", ""]
        else:
            assert row[7] == line.tally.passed
            assert row[8:] == pytest.approx([line.rate, *line.interval])


@pytest.mark.asyncio
async def test_a_name_can_never_become_a_formula_or_a_link(browser: Browser, world: World) -> None:
    for index, name in enumerate(INJECTIONS):
        await world.add_school(name, "410105", [f"员工{index}{n}" for n in range(3)], is_demo=True)
    _, round_id = await world.open_assessment(title="=cmd|' /C calc'!A0")
    for index in range(len(INJECTIONS)):
        for n in range(3):
            await world.sit(f"员工{index}{n}", round_id)
    await browser.sign_in("admin")
    view = (await world.assessments.list_assessments(await world.actor("admin")))[0]
    reply = await browser.get(f"{FILE}?assessment={view.id}")
    sheet = _sheet(reply)
    names = {row[0]: row for row in sheet[HEADING_ROW + 1 :]}
    for name in INJECTIONS:
        assert names[name][0] == name
        assert names[name][3] == "示例"
    assert sheet[1][0] == "范围：=cmd|' /C calc'!A0"
    with ZipFile(BytesIO(reply.body)) as archive:
        worksheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in worksheet
    assert "<hyperlink" not in worksheet


@pytest.mark.asyncio
async def test_example_schools_are_marked_everywhere(browser: Browser, world: World) -> None:
    await world.add_school("示范小学", "410105", ["甲一", "乙二", "丙三"], is_demo=True)
    _, round_id = await world.open_assessment()
    for name in ("甲一", "乙二", "丙三"):
        await world.sit(name, round_id)
    await browser.sign_in("admin")
    reply = await browser.get(PAGE)
    rows = {row[0]: row for row in _table(reply)}
    assert "示范小学 示例" in rows
    assert "示范小学（示例）" in reply.text.split("<svg")[1].split("</svg>")[0]
    assert "示范小学 示例" in (await browser.get("/admin/people")).words


@pytest.mark.asyncio
async def test_a_long_list_is_charted_by_its_lowest_thirty(browser: Browser, world: World) -> None:
    for index in range(31):
        await world.add_school(f"第{index}小学", "410105", [f"丁{index}", f"戊{index}", f"己{index}"])
    _, round_id = await world.open_assessment()
    for index in range(31):
        for family in "丁戊己":
            await world.sit(f"{family}{index}", round_id)
    await browser.sign_in("admin")
    reply = await browser.get(PAGE)
    assert "合格率最低的30个单位" in reply.words
    assert reply.text.count('class="bar"') == 30
    assert sum("小学" in row[0] for row in _table(reply)) == 31
