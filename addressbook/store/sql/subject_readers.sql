-- Who has read a person, newest first, as far as it may be told by now.
SELECT l.at, l.reader, l.purpose, l.route, l.fields, l.subject AS place FROM access_log l
WHERE l.subjects @> ARRAY[%(key)s::uuid]
    AND NOT EXISTS (SELECT FROM purpose p WHERE p.code = l.purpose
        AND l.at > now() - p.visible_after_days * interval '1 day')
ORDER BY l.entry_id DESC LIMIT %(most)s
