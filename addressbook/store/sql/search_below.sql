-- What lies right below some addresses, or stands along them, and whose number begins with `tail`: plates of a street by
-- its index, anything else by a range of paths within the site. `above` is the first text after all that begin with
-- `tail`. Only of the kinds of `letters`. A room is found below its building too, whatever its entrance or floor.
WITH holder AS MATERIALIZED (
    SELECT a.site_id, a.aid, a.kind, CASE WHEN a.path = '' THEN '' ELSE a.path || '/' END COLLATE "C" AS path, h.place
    FROM unnest(%(aids)s::text[]) WITH ORDINALITY AS h (aid, place)
    JOIN aid_directory d ON d.aid = h.aid
    JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
),
below AS (
    SELECT h.place, p.* FROM holder h CROSS JOIN LATERAL (
        SELECT a.site_id, a.aid, a.plate_no AS number FROM address a
        WHERE h.kind = 'R' AND 'D' = ANY (%(letters)s::text[]) AND a.road_aid = h.aid AND a.plate_no >= %(tail)s::text AND a.plate_no < %(above)s::text
            AND a.state IN ('provisional', 'current')
        ORDER BY length(a.plate_no), a.plate_no LIMIT %(limit)s
    ) p
    UNION ALL
    SELECT h.place, p.* FROM holder h CROSS JOIN unnest(%(letters)s::text[]) AS letter CROSS JOIN LATERAL (
        SELECT a.site_id, a.aid, substr(a.path, length(h.path) + 2) AS number FROM address a
        WHERE letter <> 'D' AND a.site_id = h.site_id AND a.path >= h.path || letter || %(tail)s::text
            AND a.path < h.path || letter || %(above)s::text AND a.state IN ('provisional', 'current')
            AND strpos(substr(a.path, length(h.path) + 1), '/') = 0
        ORDER BY length(a.path), a.path LIMIT %(limit)s
    ) p
    UNION ALL
    SELECT h.place, p.* FROM holder h CROSS JOIN LATERAL (
        SELECT a.site_id, a.aid, substr(a.loose_path, length(h.path) + 2) AS number FROM address a
        WHERE h.kind = 'B' AND 'H' = ANY (%(letters)s::text[]) AND a.site_id = h.site_id AND a.loose_path >= h.path || 'H' || %(tail)s::text
            AND a.loose_path < h.path || 'H' || %(above)s::text AND a.loose_path IS NOT NULL
            AND a.state IN ('provisional', 'current')
        ORDER BY length(a.loose_path), a.loose_path LIMIT %(limit)s
    ) p
),
first AS (
    SELECT DISTINCT ON (aid) site_id, aid, place, number FROM below ORDER BY aid, place
)
SELECT a.aid, a.kind, a.state, a.name, a.standard_text, a.division_code, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM first f
JOIN address a ON a.site_id = f.site_id AND a.aid = f.aid
ORDER BY f.place, length(f.number), f.number, a.aid
LIMIT %(limit)s
