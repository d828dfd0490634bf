-- One area by code: the current division of that code, with a boundary where there is one, or an area of its own.
WITH found AS (
    SELECT code, coalesce(v.kind, 'division') AS kind, coalesce(d.name, v.name) AS name,
        coalesce(d.level, v.level) AS level, coalesce(d.parent_code, v.parent_code) AS parent_code, v.geom
    FROM (SELECT * FROM division WHERE code = %(code)s ORDER BY valid_to IS NOT NULL, valid_from DESC LIMIT 1) d
    FULL JOIN (SELECT * FROM area WHERE code = %(code)s) v USING (code)
)
SELECT f.code, f.kind, f.name, f.level, f.parent_code,
    CASE WHEN %(geometry)s THEN ST_AsGeoJSON(f.geom, 7)::json END AS geometry,
    CASE WHEN f.geom IS NOT NULL THEN ARRAY[
        round(ST_XMin(f.geom)::numeric, 7)::float8, round(ST_YMin(f.geom)::numeric, 7)::float8,
        round(ST_XMax(f.geom)::numeric, 7)::float8, round(ST_YMax(f.geom)::numeric, 7)::float8] END AS bbox,
    (SELECT json_agg(json_build_object('code', u.code, 'name', u.name, 'level', u.level) ORDER BY u.code)
        FROM division u
        WHERE f.kind = 'division' AND u.valid_to IS NULL AND u.code < f.code AND u.code IN (
            rpad(left(f.code, 2), 12, '0'), rpad(left(f.code, 4), 12, '0'),
            rpad(left(f.code, 6), 12, '0'), rpad(left(f.code, 9), 12, '0'))) AS ancestors
FROM found f
