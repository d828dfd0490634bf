-- Everything of an address view but the elements themselves, in one round trip and within one site.
-- "At or below" is a range of paths: 'B3' itself and 'B3/…' up to, not including, 'B30' ('0' follows '/').
-- An address that is not live shows what hangs on itself only: its path may by now belong to another.
-- It is put behind standing_now.sql or standing_then.sql: `standing` addresses and `linked` links are those of that time.
, target AS MATERIALIZED (
    SELECT a.*, a.state IN ('provisional', 'current') AS live,
        CASE WHEN a.path = '' THEN '' ELSE a.path || '/' END COLLATE "C" AS inside,
        CASE WHEN a.path = '' THEN E'\U0010FFFF' ELSE a.path || '0' END COLLATE "C" AS beyond
    FROM standing a
    WHERE a.home_site_id = (SELECT site_id FROM aid_directory WHERE aid = %(aid)s) AND a.aid = %(aid)s
),
below AS MATERIALIZED (
    SELECT b.home_site_id, b.aid, b.kind, b.state, b.name, b.plate_no, b.path, b.parent_aid
    FROM target t
    JOIN standing b ON b.site_id = t.site_id AND b.state IN ('provisional', 'current')
        AND b.path >= t.path AND b.path < t.beyond AND (b.path = t.path OR b.path >= t.inside)
    WHERE t.live
    UNION ALL
    SELECT t.home_site_id, t.aid, t.kind, t.state, t.name, t.plate_no, t.path, t.parent_aid FROM target t
    WHERE NOT t.live
),
hung AS MATERIALIZED (
    SELECT l.*, b.path, b.name AS place, b.kind AS at_kind,
        (t.inside || split_part(substr(b.path, length(t.inside) + 1), '/', 1)) COLLATE "C" AS child_path
    FROM target t
    CROSS JOIN below b
    JOIN linked l ON l.site_id = b.home_site_id AND l.aid = b.aid
),
tally AS MATERIALIZED (
    SELECT aid, child_path, element_kind, role, count(*) AS links, count(DISTINCT element_key) AS elements
    FROM hung WHERE closed_at IS NULL GROUP BY aid, child_path, element_kind, role
),
child AS (
    SELECT b.*, row_number() OVER (ORDER BY b.kind, length(b.name), b.name, b.aid) AS place
    FROM target t JOIN below b ON b.parent_aid = t.aid
),
plate AS (
    SELECT p.aid, p.kind, p.state, p.name, p.plate_no, p.standard_text,
        row_number() OVER (ORDER BY length(p.plate_no), p.plate_no, p.aid) AS place, count(*) OVER () AS total
    FROM target t
    JOIN standing p ON p.road_aid = t.aid AND p.state IN ('provisional', 'current')
    WHERE t.kind = 'R'
),
listed AS (
    SELECT h.*, row_number() OVER (PARTITION BY element_kind, role ORDER BY length(path), path, link_id) AS place_in_role
    FROM hung h WHERE closed_at IS NULL AND element_kind = ANY (%(kinds)s::text[])
),
moment AS (
    SELECT valid_from AS day, 'began' AS change, aid, place, element_kind, element_key, role, category FROM hung
    WHERE valid_from IS NOT NULL AND element_kind = ANY (%(kinds)s::text[])
    UNION ALL
    SELECT coalesce(valid_to, closed_at::date), 'ended', aid, place, element_kind, element_key, role, category FROM hung
    WHERE coalesce(valid_to, closed_at::date) IS NOT NULL AND element_kind = ANY (%(kinds)s::text[])
),
recent AS (
    -- What a reader sees everywhere apart from what it sees inside its areas only: how many of these there are must not
    -- show in what is left of the others.
    (SELECT * FROM moment WHERE NOT element_kind = ANY (%(everywhere)s::text[])
        ORDER BY day DESC, element_key, change LIMIT %(limit)s + 1)
    UNION ALL
    (SELECT * FROM moment WHERE element_kind = ANY (%(everywhere)s::text[])
        ORDER BY day DESC, element_key, change LIMIT %(limit)s + 1)
)
SELECT
    t.aid, t.site_id, t.kind, t.state, t.name, t.standard_text, t.path, t.plate_no, t.parent_aid, t.road_aid,
    t.division_code, t.coordinate_level, t.valid_from, t.valid_to, t.created_at,
    round(ST_X(t.geom)::numeric, 7)::float8 AS lon, round(ST_Y(t.geom)::numeric, 7)::float8 AS lat,
    (SELECT s.name FROM source s WHERE s.source_id = t.source_id) AS source,
    (SELECT json_build_object('aid', r.aid, 'name', r.name) FROM standing r
        WHERE r.home_site_id = (SELECT site_id FROM aid_directory WHERE aid = t.road_aid) AND r.aid = t.road_aid) AS road,
    (SELECT json_agg(json_build_object('code', d.code, 'name', d.name, 'level', d.level) ORDER BY d.code) FROM divided d
        WHERE d.valid_from <= %(day)s AND (d.valid_to IS NULL OR d.valid_to > %(day)s) AND d.code IN (
            rpad(left(t.division_code, 2), 12, '0'), rpad(left(t.division_code, 4), 12, '0'),
            rpad(left(t.division_code, 6), 12, '0'), rpad(left(t.division_code, 9), 12, '0'), t.division_code)) AS divisions,
    (WITH RECURSIVE up AS (
        SELECT p.aid, p.kind, p.state, p.name, p.standard_text, p.parent_aid, 1 AS height FROM standing p
        WHERE p.site_id = t.site_id AND p.aid = t.parent_aid
        UNION ALL
        SELECT p.aid, p.kind, p.state, p.name, p.standard_text, p.parent_aid, u.height + 1 FROM up u
        JOIN standing p ON p.site_id = t.site_id AND p.aid = u.parent_aid WHERE u.height < 20)
     SELECT json_agg(json_build_object('aid', aid, 'kind', kind, 'state', state, 'name', name,
        'standard_text', standard_text) ORDER BY height DESC) FROM up) AS ancestors,
    (SELECT json_agg(json_build_object('name', l.name, 'origin', l.origin, 'valid_from', l.valid_from,
        'valid_to', l.valid_to) ORDER BY l.alias_id) FROM named l
        WHERE l.site_id = t.home_site_id AND l.aid = t.aid) AS aliases,
    (SELECT json_agg(json_build_object('scheme', e.scheme, 'value', e.value, 'valid_from', e.valid_from,
        'valid_to', e.valid_to) ORDER BY e.identifier_id) FROM identified e
        WHERE e.site_id = t.home_site_id AND e.aid = t.aid) AS identifiers,
    (SELECT count(*) FROM child) AS children_total,
    (SELECT json_agg(json_build_object('aid', c.aid, 'kind', c.kind, 'state', c.state, 'name', c.name,
        'plate_no', c.plate_no, 'path', c.path) ORDER BY c.place) FROM child c WHERE c.place <= %(limit)s) AS children,
    (SELECT json_agg(x) FROM (SELECT child_path, element_kind, sum(links) AS links FROM tally
        WHERE child_path <> t.path AND child_path <> t.inside GROUP BY 1, 2) x) AS child_counts,
    (SELECT max(total) FROM plate) AS plates_total,
    (SELECT json_agg(json_build_object('aid', aid, 'kind', kind, 'state', state, 'name', name, 'plate_no', plate_no,
        'standard_text', standard_text) ORDER BY place) FROM plate WHERE place <= %(limit)s) AS plates,
    (SELECT json_agg(json_build_object('aid', b.aid, 'name', b.name, 'path', b.path)
        ORDER BY length(b.path), b.path) FROM below b WHERE b.kind = 'H' AND t.kind IN ('B', 'E')) AS rooms,
    (SELECT json_agg(json_build_object('aid', aid, 'at_kind', at_kind, 'path', path, 'place', place, 'kind', element_kind,
        'elements', elements, 'here', here, 'keys', keys) ORDER BY length(path), path)
        FROM (SELECT aid, at_kind, path, place, element_kind, count(DISTINCT element_key) AS elements,
            count(DISTINCT element_key) FILTER (WHERE role IN ('residence', 'registered')) AS here,
            CASE element_kind WHEN 'house' THEN array_agg(DISTINCT element_key) END AS keys FROM hung
            WHERE (t.kind IN ('B', 'E', 'F', 'H') OR aid = t.aid) AND closed_at IS NULL
                AND element_kind IN ('person', 'house', 'enterprise')
            GROUP BY aid, at_kind, path, place, element_kind) o) AS occupancy,
    (SELECT json_agg(x) FROM (SELECT element_kind, role, sum(links) AS links FROM tally GROUP BY 1, 2) x) AS counts,
    (SELECT json_object_agg(element_kind, elements) FROM (SELECT element_kind, count(DISTINCT element_key) AS elements
        FROM hung WHERE closed_at IS NULL GROUP BY 1) x) AS elements,
    (SELECT json_agg(json_build_object('element_kind', h.element_kind, 'element_key', h.element_key, 'role', h.role,
        'category', h.category, 'aid', h.aid, 'place', h.place, 'valid_from', h.valid_from, 'valid_to', h.valid_to,
        'source', (SELECT s.name FROM source s WHERE s.source_id = h.source_id), 'received_text', h.received_text,
        'match_category', h.match_category, 'match_level', h.match_level, 'coordinate_level', h.coordinate_level,
        'score', h.score, 'flags', h.flags, 'reasons', h.reasons) ORDER BY h.element_kind, h.role, h.place_in_role)
        FROM listed h WHERE h.place_in_role <= %(limit)s) AS links,
    (SELECT json_agg(r ORDER BY day DESC, element_key, change) FROM recent r) AS timeline,
    CASE WHEN %(everywhere)s::text[] <> '{}' THEN (SELECT json_agg(DISTINCT division_code) FROM hung) END AS lies_in
FROM target t
