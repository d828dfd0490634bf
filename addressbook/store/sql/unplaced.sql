-- Open links that reach only a division of the range: the list "not yet at an address", by link id.
SELECT l.link_id, l.division_code, l.element_kind, l.element_key::text, l.role, l.category, l.valid_from,
    l.received_text, l.match_category, l.match_level, l.score, l.flags, l.reasons,
    (SELECT s.name FROM source s WHERE s.source_id = l.source_id) AS source
FROM link l
WHERE l.aid IS NULL AND l.closed_at IS NULL
    AND l.division_code >= %(low)s AND l.division_code <= %(high)s
    AND l.element_kind = ANY (%(kinds)s) AND l.link_id > %(after)s
ORDER BY l.link_id
LIMIT %(limit)s
