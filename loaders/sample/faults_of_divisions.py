"""Faults in province, city, county, town and community; texts that name no more than a division."""

from __future__ import annotations

from loaders.sample.district import COUNTY, FORMER_COUNTY_NAME
from loaders.sample.tables import words
from loaders.sample.writing_wrong import DIVISION, NONE, Writing


def province_dropped(writing: Writing) -> bool:
    """杭州市萧山区…"""
    writing.province = ""
    return True


def province_city_dropped(writing: Writing) -> bool:
    """萧山区…"""
    if not writing.province:
        return False
    writing.province = writing.city = ""
    return True


def county_suffix_dropped(writing: Writing) -> bool:
    """萧山北干街道…"""
    writing.province = writing.city = ""
    writing.county = writing.county[:-1]
    return True


def town_dropped(writing: Writing) -> bool:
    """浙江省杭州市萧山区市心北路…"""
    writing.town = ""
    return True


def prefix_dropped(writing: Writing) -> bool:
    """市心北路260号…"""
    writing.province = writing.city = writing.county = writing.town = ""
    return True


def community_added(writing: Writing) -> bool:
    """…北干街道城北社区市心北路…"""
    if writing.community or writing.site.writes_community:
        return False
    writing.community = writing.row.community
    return True


def community_dropped(writing: Writing) -> bool:
    """瓜沥镇沈家浜3组12号, although 沈家浜 belongs to a village."""
    if not writing.community or not writing.row.place:
        return False
    writing.community = ""
    return True


def prefix_repeated(writing: Writing) -> bool:
    """浙江省杭州市萧山区浙江省杭州市萧山区…, 萧山区萧山区…"""
    if writing.draw.chance(0.5):
        writing.county += writing.district.prefix
    else:
        writing.county *= 2
    return True


def former_county_name(writing: Writing) -> bool:
    """浙江省萧山市…"""
    writing.county = FORMER_COUNTY_NAME
    if writing.draw.chance(0.7):
        writing.city = ""
    return True


def town_wrong(writing: Writing) -> bool:
    """A town the estate does not lie in; road and estate still say which one is meant."""
    other = writing.draw.pick(writing.district.communities).town.name
    if other == writing.town or not (writing.row.road and writing.row.place):
        return False
    writing.town = other
    return True


def wrong_county(writing: Writing) -> bool:
    """浙江省杭州市滨江区市心北路260号…: contradicted, so there is no right answer."""
    if not (writing.row.road or writing.row.place):
        return False
    writing.county, writing.town, writing.community = writing.draw.pick(writing.district.other_counties), "", ""
    return writing.expect(NONE)


def county_only(writing: Writing) -> bool:
    """浙江省杭州市萧山区"""
    writing.say_only(writing.province + writing.city + writing.county)
    return writing.expect(DIVISION, division=COUNTY)


def town_only(writing: Writing) -> bool:
    """萧山区瓜沥镇"""
    writing.say_only(writing.county + writing.town)
    return writing.expect(DIVISION, division=writing.site.community.town.code)


def community_only(writing: Writing) -> bool:
    """萧山区瓜沥镇新联村, unless people use the village's name as an address."""
    community = writing.site.community
    if community.is_place:
        return False
    writing.say_only(writing.county + writing.town + community.spoken)
    return writing.expect(DIVISION, division=community.code)


def empty(writing: Writing) -> bool:
    """Nothing."""
    writing.say_only("")
    return writing.expect(NONE)


def not_an_address(writing: Writing) -> bool:
    """不详"""
    writing.say_only(writing.draw.pick(words("not_addresses")))
    return writing.expect(NONE)
