-- The areas of some levels in a tile, the largest first, with their counts by kind and of residents as area_children.sql
-- has them.
WITH here AS MATERIALIZED (
    SELECT v.code, v.kind, v.name, v.level, ST_Area(v.geom) AS size
    FROM area v
    WHERE v.geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326) AND v.level = ANY (%(levels)s::text[])
    ORDER BY size DESC LIMIT %(most)s
),
counted AS (
    SELECT division_code AS code, kind, sum(count) AS count, sum(count * located) AS located
    FROM rollup_total
    WHERE division_code = ANY (ARRAY(SELECT code FROM here WHERE kind = 'division'))
    GROUP BY 1, 2
    UNION ALL
    SELECT division_code, 'residents', sum(count), sum(count * located) FROM rollup_division
    WHERE division_code = ANY (ARRAY(SELECT code FROM here WHERE kind = 'division'))
        AND kind = 'person' AND role = 'residence' GROUP BY 1
    UNION ALL
    SELECT community_code, 'residents', sum(count), sum(count * located) FROM rollup
    WHERE community_code = ANY (ARRAY(SELECT code FROM here WHERE kind = 'division' AND right(code, 3) <> '000'))
        AND kind = 'person' AND role = 'residence' GROUP BY 1
)
SELECT h.code, h.kind, h.name, h.level,
    (SELECT json_object_agg(n.kind, json_build_array(n.count, n.located)) FROM counted n WHERE n.code = h.code) AS counts
FROM here h
ORDER BY h.size DESC, h.code
