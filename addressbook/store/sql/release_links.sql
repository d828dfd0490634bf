-- Where each of these elements is, once: persons where they live, enterprises where they are registered, before elsewhere.
SELECT DISTINCT ON (l.element_key) l.element_key, l.aid, l.division_code AS division, l.role, l.category, l.month
FROM link l
WHERE l.element_key = ANY (%(keys)s::uuid[]) AND l.element_kind = %(kind)s AND l.closed_at IS NULL
    AND l.division_code BETWEEN %(low)s AND %(high)s
ORDER BY l.element_key, l.role NOT IN ('residence', 'registered'), l.aid IS NULL, l.role, l.link_id
