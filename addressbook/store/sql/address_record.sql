-- An address whatever its state. Scalar subqueries rather than joins: on a cluster each part is one shard's business.
-- Behind standing_now.sql or standing_then.sql, which say of what time.
SELECT a.aid, a.site_id, a.kind, a.state, a.name, a.standard_text, a.path, a.plate_no, a.parent_aid, a.road_aid,
    a.division_code, a.coordinate_level, a.valid_from, a.valid_to, a.created_at,
    round(ST_X(a.geom)::numeric, 7)::float8 AS lon, round(ST_Y(a.geom)::numeric, 7)::float8 AS lat
FROM standing a
WHERE a.home_site_id = (SELECT site_id FROM aid_directory WHERE aid = %(aid)s) AND a.aid = %(aid)s
