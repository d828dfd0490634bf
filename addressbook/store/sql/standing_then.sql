-- The registry as the world was on a day (valid_at), as it was known after an event and at a moment (known_at).
-- An address is where its version says; its links and names lie where the address is today (home_site_id).
WITH version AS NOT MATERIALIZED (
    SELECT a.site_id AS home_site_id, a.site_id, a.aid, a.kind, a.parent_aid, a.road_aid, a.plate_no, a.name, a.path,
        a.loose_path, a.standard_text, a.division_code, a.geom, a.coordinate_level, a.state, a.source_id, a.event_id,
        a.valid_from, a.valid_to, a.created_at, NULL::bigint AS until_event
    FROM address a
    UNION ALL
    SELECT v.site_id, v.own_site_id, v.aid, v.kind, v.parent_aid, v.road_aid, v.plate_no, v.name, v.path,
        v.loose_path, v.standard_text, v.division_code, v.geom, v.coordinate_level, v.state, v.source_id, v.event_id,
        v.valid_from, v.valid_to, (SELECT a.created_at FROM address a WHERE a.site_id = v.site_id AND a.aid = v.aid),
        v.until_event
    FROM address_version v
),
standing AS NOT MATERIALIZED (
    SELECT * FROM version
    WHERE event_id <= %(event)s AND (until_event IS NULL OR until_event > %(event)s)
        AND (valid_from IS NULL OR valid_from <= %(day)s) AND (valid_to IS NULL OR valid_to > %(day)s)
),
-- An event that moved links holds from its day on, unless it was taken back by then.
dated AS NOT MATERIALIZED (
    SELECT e.event_id FROM registry_event e
    WHERE e.effective > %(day)s AND NOT EXISTS (
        SELECT FROM registry_event r WHERE r.reverts = e.event_id AND r.event_id <= %(event)s)
),
-- What ended in the world by that day is shown as ended.
linked AS NOT MATERIALIZED (
    SELECT site_id, link_id, aid, division_code, element_kind, element_key, role, category, month, source_id,
        received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
        CASE WHEN closed_at <= %(moment)s AND (closed_event IS NULL OR closed_event NOT IN (SELECT event_id FROM dated))
            THEN closed_at WHEN valid_to <= %(day)s THEN %(moment)s END AS closed_at
    FROM link
    WHERE opened_at <= %(moment)s AND (valid_from IS NULL OR valid_from <= %(day)s)
        AND (opened_event IS NULL OR opened_event NOT IN (SELECT event_id FROM dated))
),
named AS NOT MATERIALIZED (
    SELECT * FROM address_alias
    WHERE known_from <= %(event)s AND (valid_to IS NULL OR event_id > %(event)s)
        AND (valid_from IS NULL OR valid_from <= %(day)s)
),
identified AS NOT MATERIALIZED (
    SELECT * FROM external_identifier
    WHERE coalesce(event_id <= %(event)s, added_at <= %(moment)s) AND (until_event IS NULL OR until_event > %(event)s)
        AND (valid_from IS NULL OR valid_from <= %(day)s) AND (valid_to IS NULL OR valid_to > %(day)s)
),
divided AS NOT MATERIALIZED (
    SELECT * FROM division WHERE event_id <= %(event)s AND (until_event IS NULL OR until_event > %(event)s)
)
