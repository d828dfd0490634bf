-- Outside codes with the address each was given to, those in force first, and the live addresses that stand there today.
-- Of an address also the codes that were merged into it or were its duplicates have: others call it so. A code whose
-- shape is known is found however it was typed (`squeezed`), also by who does not say of which scheme it is.
WITH RECURSIVE mine AS (
    SELECT %(aid)s::text COLLATE "C" AS aid
    UNION
    SELECT s.aid FROM mine m
    JOIN address_succession s ON s.successor_aid = m.aid AND s.until_event IS NULL AND s.relation <> 'split'
),
found AS MATERIALIZED (
    (SELECT e.* FROM mine m
    JOIN aid_directory d ON d.aid = m.aid
    JOIN external_identifier e ON e.site_id = d.site_id AND e.aid = d.aid
    WHERE e.until_event IS NULL AND (%(scheme)s::text IS NULL OR e.scheme = %(scheme)s)
        AND (%(value)s::text IS NULL OR e.value = %(value)s
            OR e.value = %(squeezed)s AND e.scheme = ANY(%(shaped)s::text[]))
    UNION ALL
    SELECT e.* FROM external_identifier e
    WHERE %(aid)s::text IS NULL
        AND e.until_event IS NULL AND (%(scheme)s::text IS NULL OR e.scheme = %(scheme)s)
        AND (%(value)s::text IS NULL OR e.value = %(value)s
            OR e.value = %(squeezed)s AND e.scheme = ANY(%(shaped)s::text[])))
    ORDER BY valid_to DESC NULLS FIRST, identifier_id
    LIMIT %(limit)s
),
later AS (
    SELECT f.aid AS origin, f.aid FROM found f
    UNION
    SELECT l.origin, s.successor_aid FROM later l
    JOIN address_succession s ON s.aid = l.aid AND s.until_event IS NULL
)
SELECT e.identifier_id, e.scheme, e.value, e.valid_from, e.valid_to, s.name AS source, a.aid, a.kind, a.state,
    a.standard_text,
    ARRAY(
        SELECT t.aid FROM later l
        JOIN aid_directory d ON d.aid = l.aid
        JOIN address t ON t.site_id = d.site_id AND t.aid = d.aid AND t.state IN ('provisional', 'current')
        WHERE l.origin = e.aid ORDER BY t.aid
    ) AS today
FROM found e
JOIN address a ON a.site_id = e.site_id AND a.aid = e.aid
LEFT JOIN source s ON s.source_id = e.source_id
ORDER BY e.valid_to DESC NULLS FIRST, e.identifier_id
