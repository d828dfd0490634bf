-- The divisions and areas right below a code, each with its counts by kind, and of residents: of a division from the roll-ups, of any
-- other area from the points inside it.
-- A boundary of a division that is not in force on that day is no part of anything.
WITH known AS NOT MATERIALIZED (
    SELECT * FROM division WHERE event_id <= %(event)s AND (until_event IS NULL OR until_event > %(event)s)
),
child AS MATERIALIZED (
    SELECT code, coalesce(v.kind, 'division') AS kind, coalesce(d.name, v.name) AS name,
        coalesce(d.level, v.level) AS level, v.geom
    FROM (SELECT * FROM known WHERE parent_code = %(code)s AND valid_from <= %(day)s
        AND (valid_to IS NULL OR valid_to > %(day)s)) d
    FULL JOIN (SELECT * FROM area WHERE parent_code = %(code)s) v USING (code)
    WHERE d.code IS NOT NULL OR v.kind <> 'division' OR NOT EXISTS (SELECT FROM known k WHERE k.code = v.code)
),
inside AS MATERIALIZED (
    SELECT c.code, a.site_id, a.aid FROM child c
    JOIN address a ON a.geom && c.geom AND ST_Intersects(a.geom, c.geom)
    WHERE c.kind <> 'division' AND a.state IN ('provisional', 'current')
),
counted AS (
    SELECT division_code AS code, kind, sum(count) AS count, sum(count * located) AS located
    FROM rollup_total
    WHERE division_code = ANY (ARRAY(SELECT code FROM child WHERE kind = 'division'))
    GROUP BY 1, 2
    UNION ALL
    SELECT code, 'address', count(*), count(*) FROM inside GROUP BY 1
    UNION ALL
    SELECT i.code, l.element_kind, count(*), count(*) FROM inside i
    JOIN link l ON l.site_id = i.site_id AND l.aid = i.aid AND l.closed_at IS NULL GROUP BY 1, 2
    UNION ALL
    SELECT i.code, 'residents', count(*), count(*) FROM inside i
    JOIN link l ON l.site_id = i.site_id AND l.aid = i.aid AND l.closed_at IS NULL
    WHERE l.element_kind = 'person' AND l.role = 'residence' GROUP BY 1
    UNION ALL
    SELECT division_code, 'residents', sum(count), sum(count * located) FROM rollup_division
    WHERE division_code = ANY (ARRAY(SELECT code FROM child WHERE kind = 'division'))
        AND kind = 'person' AND role = 'residence' GROUP BY 1
    UNION ALL
    SELECT community_code, 'residents', sum(count), sum(count * located) FROM rollup
    WHERE community_code = ANY (ARRAY(SELECT code FROM child WHERE kind = 'division' AND right(code, 3) <> '000'))
        AND kind = 'person' AND role = 'residence' GROUP BY 1
)
SELECT c.code, c.kind, c.name, c.level,
    CASE WHEN %(geometry)s THEN ST_AsGeoJSON(c.geom, 7)::json END AS geometry,
    (SELECT json_object_agg(n.kind, json_build_array(n.count, n.located)) FROM counted n WHERE n.code = c.code) AS counts
FROM child c
ORDER BY c.code
