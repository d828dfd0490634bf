"""All ways of writing an address wrong, by the name they have in data/sample/faults.csv."""

from __future__ import annotations

from loaders.sample import faults_of_divisions as divisions, faults_of_names as names, faults_of_numbers as numbers
from loaders.sample.writing_wrong import Fault

FAULTS: dict[str, Fault] = {
    function.__name__: function
    for function in (
        divisions.province_dropped,
        divisions.province_city_dropped,
        divisions.county_suffix_dropped,
        divisions.town_dropped,
        divisions.prefix_dropped,
        divisions.community_added,
        divisions.community_dropped,
        divisions.prefix_repeated,
        divisions.former_county_name,
        divisions.town_wrong,
        divisions.wrong_county,
        divisions.county_only,
        divisions.town_only,
        divisions.community_only,
        divisions.empty,
        divisions.not_an_address,
        numbers.suffix_variant,
        numbers.numerals_chinese,
        numbers.dashes,
        numbers.room_suffix_dropped,
        numbers.room_suffix_variant,
        numbers.floor_added,
        numbers.leading_zero,
        numbers.letter_lower_case,
        numbers.phase_numeral,
        numbers.hash_mark,
        numbers.road_number_suffix_dropped,
        numbers.unit_dropped,
        numbers.phase_dropped,
        numbers.group_dropped,
        numbers.building_nonexistent,
        numbers.room_nonexistent,
        numbers.plate_nonexistent,
        names.place_repeated,
        names.road_dropped,
        names.place_dropped,
        names.alias_of_place,
        names.homophone_character,
        names.stops_at_building,
        names.stops_at_place,
        names.stops_at_road,
        names.digits_full_width,
        names.spaces_inserted,
        names.punctuation_inserted,
        names.whitespace_around,
        names.traditional_characters,
        names.brackets_note,
        names.delivery_noise,
        names.beside,
    )
}
