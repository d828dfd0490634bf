-- What a voided address had been in the world before, once it is taken back that it never was.
INSERT INTO address_version (site_id, aid, own_site_id, kind, parent_aid, road_aid, plate_no, name, path, loose_path,
    standard_text, division_code, geom, coordinate_level, state, source_id, event_id, valid_from, valid_to,
    state_event_id, until_event, is_slice)
SELECT site_id, aid, own_site_id, kind, parent_aid, road_aid, plate_no, name, path, loose_path, standard_text,
    division_code, geom, coordinate_level, state, source_id, %(by)s, valid_from, valid_to, state_event_id, NULL, true
FROM address_version WHERE until_event = %(event)s AND is_slice
