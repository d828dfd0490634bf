"""Short forms of division names: 杭州 for 杭州市, 景宁 for 景宁畲族自治县, 瓜沥 for 瓜沥镇. Pure text, no data file."""

from __future__ import annotations

from addressbook.model import Level

MIN_SHORT_LENGTH = 2
"""A stem of one character (张 of 张镇) says nothing about where it is, so it is never offered."""

_IRREGULAR = {
    "神农架林区": "神农架",
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
# Longest first within a level: 地区办事处 must go before 地区, 自治县 before 县.
_SUFFIXES: dict[Level, tuple[str, ...]] = {
    Level.PROVINCE: ("省", "市"),
    Level.CITY: ("自治州", "地区", "盟", "市"),
    Level.COUNTY: ("自治县", "自治旗", "联合旗", "工矿区", "工农区", "新区", "特区", "矿区", "区", "县", "市", "旗"),
    Level.TOWN: ("街道办事处", "地区办事处", "民族苏木", "民族乡", "街道", "地区", "苏木", "镇", "乡"),
}
_PEOPLES = (
    "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼",
    "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土",
    "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "毛难", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒",
    "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴",
    "珞巴", "基诺", "各",
)  # fmt: skip
# Bare forms without 族 only where official names use them (巴音郭楞蒙古自治州): 回 or 土 alone would eat place names.
_BARE_PEOPLES = ("柯尔克孜", "哈萨克", "塔吉克", "维吾尔", "蒙古", "锡伯")
_PEOPLE_TAILS = tuple(sorted([f"{p}族" for p in _PEOPLES] + list(_BARE_PEOPLES), key=len, reverse=True))
_BANNERS_OF_A_LEAGUE = ("左旗", "右旗", "前旗", "中旗", "后旗")
_ARTIFICIAL = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖行政单位", "直辖县"})


def is_artificial(name: str) -> bool:
    """True for the city level that exists in statistical codes only: 市辖区, 县, 省直辖县级行政区划."""
    return name in _ARTIFICIAL


def short_name(name: str, level: Level) -> str | None:
    """The usual short form of a division's name, or None where there is none of two characters or more.

    >>> short_name("萧山区", Level.COUNTY), short_name("景宁畲族自治县", Level.COUNTY), short_name("张镇", Level.TOWN)
    ('萧山', '景宁', None)
    """
    if is_artificial(name):
        return None
    stem = _IRREGULAR.get(name) or _without_suffix(name, level)
    if stem is None or stem == name or len(stem) < MIN_SHORT_LENGTH:
        return None
    return stem


def _without_suffix(name: str, level: Level) -> str | None:
    if name.endswith(_BANNERS_OF_A_LEAGUE):
        return None
    # 清新区 is 清新 + 区, not 清 + 新区: a suffix that leaves one character is not the suffix.
    room = len(name) - MIN_SHORT_LENGTH
    suffix = next((s for s in _SUFFIXES.get(level, ()) if name.endswith(s) and len(s) <= room), None)
    if suffix is None:
        return None
    stem = name.removesuffix(suffix)
    if suffix.startswith(("自治", "民族")) or stem.endswith("族"):
        stem = _without_peoples(stem)
    return stem


def _without_peoples(stem: str) -> str:
    """龙胜各族 → 龙胜; a stem that is nothing but a people keeps it without 族 (东乡族 → 东乡, 鄂温克族 → 鄂温克)."""
    while True:
        tail = next((t for t in _PEOPLE_TAILS if stem.endswith(t)), None)
        if tail is None:
            return stem
        rest = stem.removesuffix(tail)
        if len(rest) < MIN_SHORT_LENGTH:
            return stem.removesuffix("族")
        stem = rest


_COMMITTEES = (
    "社区居民委员会", "社区村民委员会", "社区居委会", "社区村委会", "居民委员会", "村民委员会", "居委会", "村委会",
    "社区", "村",
)  # fmt: skip
_SHOWN = {"社区居": "社区", "社区村": "社区", "村民": "村", "村委": "村"}
_SHOWN_BY_SUFFIX = {
    suffix: next((shown for head, shown in _SHOWN.items() if suffix.startswith(head)), "") for suffix in _COMMITTEES
}


def community_forms(name: str) -> tuple[str, ...]:
    """The ways people write a village or community, fullest first; the last may be the bare stem.

    >>> community_forms("陈公桥社区居委会"), community_forms("东方村民委员会")
    (('陈公桥社区居委会', '陈公桥社区', '陈公桥'), ('东方村民委员会', '东方村', '东方'))
    """
    suffix = next(filter(name.endswith, _SHOWN_BY_SUFFIX), None)
    if suffix is None:
        return (name,)
    stem = name.removesuffix(suffix)
    # 东方村居委会 already says 村: the stem is then what is written, and 东方 its short form.
    written = stem if stem.endswith(("村", "社区")) else stem + _SHOWN_BY_SUFFIX[suffix]
    bare = written.removesuffix("社区").removesuffix("村")
    return tuple(dict.fromkeys([name, *[form for form in (written, bare) if len(form) >= MIN_SHORT_LENGTH]]))
