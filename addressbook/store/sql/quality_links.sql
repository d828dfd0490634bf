-- Open links by how sure and how deep their match is.
SELECT l.link_id::text AS key, l.match_category || '/' || l.match_level AS part, l.link_id, l.element_kind, l.role,
    l.aid, l.division_code, l.match_category, l.match_level
FROM link l
WHERE l.closed_at IS NULL
    AND (%(low)s::text IS NULL OR (l.division_code >= %(low)s::text AND l.division_code <= %(high)s::text))
