-- Where texts that lead nowhere may have led: for each query the addresses that were retired there without a successor,
-- by the event that retired them, the latest first. One statement a batch; retired rows have indexes of their own.
WITH query AS (
    SELECT n, nullif(site_id, '')::bigint AS site_id, coalesce(path, '') COLLATE "C" AS path,
        nullif(road_aid, '') AS road_aid, nullif(plate_no, '') AS plate_no, nullif(name, '') AS name,
        coalesce(division, '') AS division
    FROM unnest(
        string_to_array(%(sites)s, E'\x1f'), string_to_array(%(paths)s, E'\x1f'), string_to_array(%(roads)s, E'\x1f'),
        string_to_array(%(plates)s, E'\x1f'), string_to_array(%(names)s, E'\x1f'), string_to_array(%(divisions)s, E'\x1f')
    ) WITH ORDINALITY AS q (site_id, path, road_aid, plate_no, name, division, n)
),
-- Streets, compounds and places that are gone, by the last name they had or an earlier one.
named AS MATERIALIZED (
    SELECT q.n, q.path AS below, q.plate_no, a.aid, a.site_id, a.path
    FROM query q
    JOIN address a ON a.name = q.name AND a.state = 'retired' AND a.kind IN ('R', 'C', 'P')
    WHERE starts_with(a.division_code, q.division) AND (q.plate_no IS NULL OR a.kind = 'R')
    UNION
    SELECT q.n, q.path, q.plate_no, a.aid, a.site_id, a.path
    FROM query q
    JOIN address_alias l ON l.name = q.name AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state = 'retired' AND a.kind IN ('R', 'C', 'P')
    WHERE starts_with(a.division_code, q.division) AND (q.plate_no IS NULL OR a.kind = 'R')
),
on_street AS (
    SELECT n, path AS below, road_aid, plate_no FROM query WHERE road_aid IS NOT NULL
    UNION ALL
    SELECT n, below, aid, plate_no FROM named WHERE plate_no IS NOT NULL
),
plate AS MATERIALIZED (
    SELECT q.n, q.below, a.site_id, a.path, a.parent_aid
    FROM on_street q
    JOIN address a ON a.road_aid = q.road_aid AND a.plate_no = q.plate_no
        AND a.kind = 'D' AND a.state IN ('provisional', 'current', 'retired')
    UNION
    SELECT q.n, q.below, a.site_id, a.path, a.parent_aid
    FROM on_street q
    JOIN address_alias l ON l.road_aid = q.road_aid AND l.plate_no = q.plate_no AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current', 'retired')
),
base AS MATERIALIZED (
    SELECT n, site_id, path FROM query WHERE site_id IS NOT NULL
    UNION
    SELECT n, site_id, concat_ws('/', nullif(path, ''), nullif(below, '')) COLLATE "C" FROM named WHERE plate_no IS NULL
    UNION
    -- As in find_paths.sql: what is below a plate hangs on its compound, where it has one.
    SELECT n, site_id,
        CASE
            WHEN below = '' THEN path
            WHEN parent_aid IS NULL THEN below
            ELSE concat_ws('/', substring(path FROM '^(.*)/[^/]*$'), below) COLLATE "C"
        END
    FROM plate
),
hit AS (
    SELECT b.n, a.site_id, a.aid FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.path = b.path AND a.state = 'retired'
    UNION
    SELECT b.n, a.site_id, a.aid FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.loose_path = b.path AND a.state = 'retired'
    UNION
    SELECT b.n, a.site_id, a.aid FROM base b
    JOIN address_alias l ON l.path_site_id = b.site_id AND l.path = b.path AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state = 'retired'
)
SELECT h.n::int, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state, ST_X(a.geom), ST_Y(a.geom),
    a.coordinate_level, a.parent_aid, coalesce(e.effective, a.valid_from), e.event_id
FROM hit h
JOIN address a ON a.site_id = h.site_id AND a.aid = h.aid
-- Merged and split ones are retired by other events, and their texts lead on.
JOIN registry_event e ON e.event_id = coalesce(a.state_event_id, a.event_id) AND e.kind = 'retire'
ORDER BY h.n, e.event_id DESC, a.aid
