-- One area by code: the division of that code on a day, as known after an event, with a boundary where there is one; or
-- an area of its own. A division that ended is found with what became of it: each step of its succession.
WITH RECURSIVE known AS NOT MATERIALIZED (
    SELECT * FROM division WHERE event_id <= %(event)s AND (until_event IS NULL OR until_event > %(event)s)
),
found AS (
    SELECT code, coalesce(v.kind, 'division') AS kind, coalesce(d.name, v.name) AS name,
        coalesce(d.level, v.level) AS level, coalesce(d.parent_code, v.parent_code) AS parent_code, v.geom,
        nullif(d.valid_from, DATE '0001-01-01') AS valid_from, d.valid_to
    FROM (SELECT * FROM known WHERE code = %(code)s ORDER BY
        NOT (valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s)), valid_from DESC LIMIT 1) d
    FULL JOIN (SELECT * FROM area WHERE code = %(code)s) v USING (code)
),
heir AS (
    SELECT l.old_code, l.new_code, l.relation, l.effective, l.place, 1 AS step FROM division_lineage l
    WHERE l.old_code = %(code)s AND l.event_id <= %(event)s AND (l.until_event IS NULL OR l.until_event > %(event)s)
    UNION
    SELECT l.old_code, l.new_code, l.relation, l.effective, l.place, h.step + 1 FROM heir h
    JOIN division_lineage l ON l.old_code = h.new_code AND l.effective > h.effective
        AND l.event_id <= %(event)s AND (l.until_event IS NULL OR l.until_event > %(event)s)
    WHERE h.step < 50
)
SELECT f.code, f.kind, f.name, f.level, f.parent_code, f.valid_from, f.valid_to,
    CASE WHEN %(geometry)s THEN ST_AsGeoJSON(f.geom, 7)::json END AS geometry,
    CASE WHEN f.geom IS NOT NULL THEN ARRAY[
        round(ST_XMin(f.geom)::numeric, 7)::float8, round(ST_YMin(f.geom)::numeric, 7)::float8,
        round(ST_XMax(f.geom)::numeric, 7)::float8, round(ST_YMax(f.geom)::numeric, 7)::float8] END AS bbox,
    (SELECT json_agg(json_build_object('code', u.code, 'name', u.name, 'level', u.level) ORDER BY u.code)
        FROM known u
        WHERE f.kind = 'division' AND u.code < f.code AND u.code IN (
            rpad(left(f.code, 2), 12, '0'), rpad(left(f.code, 4), 12, '0'),
            rpad(left(f.code, 6), 12, '0'), rpad(left(f.code, 9), 12, '0'))
            AND u.valid_from <= least(%(day)s, f.valid_to - 1)
            AND (u.valid_to IS NULL OR u.valid_to > least(%(day)s, f.valid_to - 1))) AS ancestors,
    (SELECT json_agg(json_build_object('of', h.old_code, 'code', h.new_code, 'name', n.name, 'relation', h.relation,
        'effective', h.effective, 'in_force', n.valid_to IS NULL) ORDER BY h.step, h.effective, h.old_code, h.place)
        FROM (SELECT DISTINCT ON (old_code, new_code, effective) * FROM heir ORDER BY 1, 2, 4, step) h
        JOIN known n ON n.code = h.new_code AND n.valid_from <= h.effective
            AND (n.valid_to IS NULL OR n.valid_to > h.effective)) AS successors
FROM found f
