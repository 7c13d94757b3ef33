"""Chinese numerals as statutes write them: 一百二十二 to 122 and back. Articles never reach ten thousand."""

import re

_DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NAMES = "〇一二三四五六七八九"

NUMERAL = r"[0-9]{1,9}|[〇零○一二两三四五六七八九十百千]{1,9}"
"""A regular expression for one number in digits or in Chinese, always within a database's integers."""

_D, _ZERO = "([一二两三四五六七八九])", "[〇零○]?"
_WITH_UNITS = re.compile(f"(?:{_D}千)?{_ZERO}(?:{_D}百)?{_ZERO}({_D}?十)?{_ZERO}{_D}?")


def parse_numeral(text: str) -> int:
    """The number that `text` writes, in digits, in Chinese with units (一百零二) or digit by digit (一二〇).

    Raises ValueError when it is no number. Example: parse_numeral("一百二十二") == 122.
    """
    if re.fullmatch(r"[0-9]+", text):
        return int(text)
    if text and all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    match = _WITH_UNITS.fullmatch(text)
    if not match or not text:
        raise ValueError(f"not a number: {text!r}")
    thousands, hundreds, has_tens, tens, ones = match.groups()
    total = 1000 * _DIGITS.get(thousands, 0) + 100 * _DIGITS.get(hundreds, 0)
    if has_tens:
        total += 10 * _DIGITS.get(tens, 1)
    elif ones and text[-2] not in "〇零○":  # as people speak: 一百二 is 120, 一百零二 is 102
        return total + _DIGITS[ones] * (10 if hundreds else 100)
    return total + _DIGITS.get(ones, 0)


def chinese_numeral(number: int) -> str:
    """`number` (1 to 9999) as statutes write it: 10 十, 12 十二, 102 一百零二, 110 一百一十."""
    if not 0 < number < 10_000:
        raise ValueError(f"out of range: {number}")
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap else "") + _NAMES[digit] + name
            gap = False
        elif written:
            gap = True
    return written.removeprefix("一") if written.startswith("一十") else written
