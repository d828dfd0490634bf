-- The open links that each of some aliases made: those whose reasons say that it was used. An alias of a street is used
-- by the plates on it, each of which is a site of its own. `total` counts them all, rows go up to %(most)s an alias. What
-- was received of a person who is restricted is not shown.
WITH alias AS (
    SELECT * FROM unnest(%(sites)s::bigint[], %(aids)s::text[], %(names)s::text[]) WITH ORDINALITY
        AS q (site_id, aid, name, n)
),
place AS (
    SELECT n, site_id, name FROM alias
    UNION
    SELECT q.n, plate.site_id, q.name FROM alias q JOIN address plate ON plate.road_aid = q.aid
),
made AS (
    SELECT p.n, l.element_kind, l.element_key, l.role, l.received_text, l.aid, l.opened_at,
        count(*) OVER (PARTITION BY p.n) AS total,
        row_number() OVER (PARTITION BY p.n ORDER BY l.opened_at, l.link_id) AS number
    FROM place p JOIN link l ON l.site_id = p.site_id
    WHERE l.closed_at IS NULL
        AND l.reasons @> jsonb_build_array(jsonb_build_object('code', 'alias_used', 'expected', p.name))
)
SELECT n, element_kind, made.element_key::text AS element_key, role,
    CASE WHEN m.state IS NULL THEN received_text ELSE '' END AS received_text, aid, opened_at, total
FROM made LEFT JOIN subject_mark m ON m.element_key = made.element_key AND element_kind = 'person'
WHERE number <= %(most)s ORDER BY n, number
