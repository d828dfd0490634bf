-- Open links that reach only a division, by element kind.
SELECT l.link_id::text AS key, l.element_kind AS part, l.link_id, l.element_kind, l.role, l.division_code,
    l.match_category, l.match_level
FROM link l
WHERE l.aid IS NULL AND l.closed_at IS NULL
    AND (%(low)s::text IS NULL OR (l.division_code >= %(low)s::text AND l.division_code <= %(high)s::text))
