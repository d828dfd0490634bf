-- Where enterprises are: of each the address it is registered at before any other, else the division it reaches.
SELECT DISTINCT ON (l.element_key) l.element_key::text, l.aid, l.division_code, a.standard_text,
    ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM link l
LEFT JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid
WHERE l.element_key = ANY (%(keys)s::uuid[]) AND l.element_kind = 'enterprise' AND l.closed_at IS NULL
ORDER BY l.element_key, l.aid IS NULL, l.role <> 'registered', l.link_id
