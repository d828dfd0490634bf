-- A page of aliases, withdrawn ones too, by site and number: those of one address, or all of an origin.
SELECT l.site_id, l.alias_id, l.aid, l.name, l.path, l.origin, l.valid_from, l.valid_to, a.standard_text, a.kind,
    e.kind AS event_kind, e.actor, e.reason, e.at AS decided_at
FROM address_alias l
JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid
LEFT JOIN registry_event e ON e.event_id = l.event_id
WHERE (l.site_id, l.alias_id) > (%(site)s::bigint, %(alias)s::bigint)
    AND (%(aid)s::text IS NULL
        OR (l.aid = %(aid)s AND l.site_id = (SELECT site_id FROM aid_directory WHERE aid = %(aid)s)))
    AND (%(origin)s::text IS NULL OR l.origin = %(origin)s)
ORDER BY l.site_id, l.alias_id
LIMIT %(limit)s
