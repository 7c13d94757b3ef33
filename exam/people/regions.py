"""Zhengzhou's regions: twelve statutory districts, cities and counties, and four functional zones.

Codes of the twelve are GB/T 2260's. Zones have no code there: three carry the statistical area codes that the National
Bureau of Statistics uses for them, and 郑东新区, which has none, a code of our own (letters cannot clash with a real one).
"""

PROVINCE, CITY = "410000", "410100"

ZHENGZHOU: tuple[tuple[str, str, str | None], ...] = (
    (PROVINCE, "河南省", None),
    (CITY, "郑州市", PROVINCE),
    ("410102", "中原区", CITY),
    ("410103", "二七区", CITY),
    ("410104", "管城回族区", CITY),
    ("410105", "金水区", CITY),
    ("410106", "上街区", CITY),
    ("410108", "惠济区", CITY),
    ("410122", "中牟县", CITY),
    ("410171", "郑州经济技术开发区", CITY),
    ("410172", "郑州高新技术产业开发区", CITY),
    ("410173", "郑州航空港经济综合实验区", CITY),
    ("410181", "巩义市", CITY),
    ("410182", "荥阳市", CITY),
    ("410183", "新密市", CITY),
    ("410184", "新郑市", CITY),
    ("410185", "登封市", CITY),
    ("4101ZD", "郑东新区", CITY),
)
"""(code, name, code of the region above), parents first."""
