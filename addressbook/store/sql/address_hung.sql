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
    SELECT b.home_site_id, b.aid, b.kind, b.state, b.name, b.plate_no, b.path, b.parent_aid, b.division_code
    FROM target t
    JOIN standing b ON b.site_id = t.site_id AND b.state IN ('provisional', 'current')
        AND b.path >= t.path AND b.path < t.beyond AND (b.path = t.path OR b.path >= t.inside)
    WHERE t.live
    UNION ALL
    SELECT t.home_site_id, t.aid, t.kind, t.state, t.name, t.plate_no, t.path, t.parent_aid, t.division_code
    FROM target t
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
