-- The squares of one division, of all four steps, counted from its live addresses that have a point and their links.
-- A point lies in the finest square whose lower left corner is below it; the coarser ones hold sixteen of the finer.
INSERT INTO area_tile (division_code, step, x, y, counts)
WITH placed AS MATERIALIZED (
    SELECT site_id, aid, kind, floor(ST_X(geom) * 1600)::int AS x, floor(ST_Y(geom) * 1600)::int AS y
    FROM address
    WHERE division_code = %(code)s AND state IN ('provisional', 'current') AND geom IS NOT NULL
),
linked AS MATERIALIZED (
    SELECT p.x, p.y, p.aid, l.element_kind AS kind, l.role, l.category, l.month
    FROM placed p JOIN link l ON l.site_id = p.site_id AND l.aid = p.aid AND l.closed_at IS NULL
),
finest AS MATERIALIZED (
    SELECT x, y, 'address' AS kind, '' AS role, kind AS category, DATE '0001-01-01' AS month, count(*) AS count
    FROM placed GROUP BY x, y, kind
    UNION ALL
    SELECT x, y, kind, role, category, month, count(*) FROM linked GROUP BY x, y, kind, role, category, month
),
apart AS MATERIALIZED (
    SELECT x, y, kind, 'role' AS dimension, role AS value, sum(count) AS count FROM finest GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT x, y, kind, 'category', category, sum(count) FROM finest GROUP BY 1, 2, 3, 5
    UNION ALL
    SELECT x, y, kind, 'month', month::text, sum(count) FROM finest GROUP BY x, y, kind, month
),
valued AS (
    SELECT step, x >> (6 - 2 * step) AS x, y >> (6 - 2 * step) AS y, kind, dimension, value, sum(count) AS count
    FROM apart CROSS JOIN generate_series(0, 3) AS step
    GROUP BY 1, 2, 3, 4, 5, 6
),
by_dimension AS (
    SELECT step, x, y, kind, dimension, jsonb_object_agg(value, count) AS counts FROM valued GROUP BY 1, 2, 3, 4, 5
),
by_kind AS (
    SELECT step, x, y, kind, jsonb_object_agg(dimension, counts) AS counts FROM by_dimension GROUP BY 1, 2, 3, 4
),
ranked AS (
    SELECT step, x >> (6 - 2 * step) AS x, y >> (6 - 2 * step) AS y, aid, count,
        row_number() OVER (
            PARTITION BY step, x >> (6 - 2 * step), y >> (6 - 2 * step) ORDER BY count DESC, aid) AS place
    FROM (SELECT x, y, aid, count(*) AS count FROM linked WHERE kind = 'event' GROUP BY 1, 2, 3) AS events
    CROSS JOIN generate_series(0, 3) AS step
),
top AS (
    SELECT step, x, y, jsonb_object_agg(aid, count) AS events FROM ranked WHERE place <= %(top)s GROUP BY 1, 2, 3
)
SELECT %(code)s, k.step, k.x, k.y, CASE WHEN t.events IS NULL THEN k.counts
    ELSE k.counts || jsonb_build_object('top', t.events) END
FROM (SELECT step, x, y, jsonb_object_agg(kind, counts) AS counts FROM by_kind GROUP BY 1, 2, 3) AS k
LEFT JOIN top t USING (step, x, y)
