-- Lines of the access log, newest first: about a person, about a place, of a reader, of a time; without
-- those of purposes whose lines are not visible yet, unless all are asked for.
SELECT l.entry_id, l.at, l.key_id, l.reader, l.purpose, l.route, l.subject, l.fields, l.persons,
    l.subjects::text[] AS subjects, l.request_id, l.position
FROM access_log l
WHERE (%(person)s::uuid IS NULL OR l.subjects @> ARRAY[%(person)s::uuid])
    AND (%(place)s::text IS NULL OR l.subject = %(place)s)
    AND (%(key_id)s::bigint IS NULL OR l.key_id = %(key_id)s)
    AND (%(reader)s::text IS NULL OR l.reader = %(reader)s)
    AND (%(since)s::timestamptz IS NULL OR l.at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR l.at < %(until)s)
    AND (%(all)s::boolean OR NOT EXISTS (SELECT FROM purpose p
        WHERE p.code = l.purpose AND l.at > now() - p.visible_after_days * interval '1 day'))
ORDER BY l.entry_id DESC
LIMIT %(limit)s
