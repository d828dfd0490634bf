-- Who has read a person, newest first.
SELECT l.at, l.reader, l.purpose, l.route, l.fields, l.subject AS place FROM access_log l
WHERE l.subjects @> ARRAY[%(key)s::uuid] ORDER BY l.entry_id DESC LIMIT %(most)s
