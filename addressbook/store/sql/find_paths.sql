-- The registry's exact look-up: for each query the live addresses at its path, one statement a batch.
-- A query with a street starts at its plate: below the compound the plate belongs to, else below the plate itself.
-- An empty path below a plate means the plate. Nested loops over (site_id, path) are what is wanted: each query is one
-- index probe, whatever the number of rooms. Columns come as texts joined by the unit separator. Questions below sites
-- are numbered from 1 up, those below plates from -1 down: two lists, because sifting one for each branch costs more
-- than a probe. An address may come twice for a question, and in any order: who asks sees to both.
WITH below_site AS (
    -- Of an empty text string_to_array makes no element, not an empty one: hence coalesce.
    SELECT n, site_id::bigint AS site_id, coalesce(path, '') COLLATE "C" AS path, loose = 't' AS loose
    FROM unnest(
        string_to_array(%(sites)s, E'\x1f'), string_to_array(%(paths)s, E'\x1f'), string_to_array(%(loose)s, E'\x1f')
    ) WITH ORDINALITY AS q (site_id, path, loose, n)
),
at_plate AS (
    SELECT -n AS n, road_aid, plate_no, coalesce(path, '') AS path, loose = 't' AS loose
    FROM unnest(
        string_to_array(%(roads)s, E'\x1f'), string_to_array(%(plates)s, E'\x1f'),
        string_to_array(%(plate_paths)s, E'\x1f'), string_to_array(%(plate_loose)s, E'\x1f')
    ) WITH ORDINALITY AS q (road_aid, plate_no, path, loose, n)
),
plate AS MATERIALIZED (
    SELECT q.n, q.path AS below, q.loose, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state,
        a.geom, a.coordinate_level, a.parent_aid
    FROM at_plate q
    JOIN address a ON a.road_aid = q.road_aid AND a.plate_no = q.plate_no
        AND a.kind = 'D' AND a.state IN ('provisional', 'current')
    UNION ALL
    -- A number it had, or its street had another code.
    SELECT q.n, q.path, q.loose, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state,
        a.geom, a.coordinate_level, a.parent_aid
    FROM at_plate q
    JOIN address_alias l ON l.road_aid = q.road_aid AND l.plate_no = q.plate_no AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current')
),
base AS (
    SELECT n, site_id, path, loose, false AS known FROM below_site
    UNION ALL
    SELECT n, site_id,
        CASE
            WHEN below = '' THEN path
            WHEN parent_aid IS NULL THEN below
            ELSE concat_ws('/', substring(path FROM '^(.*)/[^/]*$'), below) COLLATE "C"
        END,
        loose, below = ''
    FROM plate
),
hit AS (
    -- A plate by itself is at hand: what else may be at its path are only others' aliases.
    SELECT n, aid, site_id, kind, path, standard_text, division_code, state, geom, coordinate_level, parent_aid
    FROM plate
    WHERE below = '' AND NOT loose
    UNION ALL
    SELECT b.n, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state, a.geom,
        a.coordinate_level, a.parent_aid
    FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.path = b.path AND a.state IN ('provisional', 'current')
    WHERE NOT b.loose AND NOT b.known
    UNION ALL
    SELECT b.n, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state, a.geom,
        a.coordinate_level, a.parent_aid
    FROM base b
    JOIN address_alias l ON l.path_site_id = b.site_id AND l.path = b.path AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current')
    WHERE NOT b.loose
    UNION ALL
    SELECT b.n, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state, a.geom,
        a.coordinate_level, a.parent_aid
    FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.loose_path = b.path AND a.state IN ('provisional', 'current')
    WHERE b.loose
)
SELECT n::int, aid, site_id, kind, path, standard_text, division_code, state,
    ST_X(geom), ST_Y(geom), coordinate_level, parent_aid
FROM hit
