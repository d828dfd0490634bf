-- Outside codes with the address each belongs to, in the order of their numbers.
SELECT e.identifier_id, e.scheme, e.value, e.valid_from, e.valid_to, s.name AS source, a.aid, a.kind, a.state,
    a.standard_text
FROM external_identifier e
JOIN address a ON a.site_id = e.site_id AND a.aid = e.aid
LEFT JOIN source s ON s.source_id = e.source_id
WHERE (%(scheme)s::text IS NULL OR e.scheme = %(scheme)s) AND (%(value)s::text IS NULL OR e.value = %(value)s)
    AND (%(aid)s::text IS NULL OR (e.aid = %(aid)s AND e.site_id = (SELECT site_id FROM aid_directory WHERE aid = %(aid)s)))
ORDER BY e.valid_to DESC NULLS FIRST, e.identifier_id
LIMIT %(limit)s
