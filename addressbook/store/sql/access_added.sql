-- One more line of the access log. Nobody is waited for.
INSERT INTO access_log (key_id, reader, route, purpose, subject, fields, persons, subjects, request_id)
VALUES (%(key_id)s, %(reader)s, %(route)s, %(purpose)s, %(subject)s, %(fields)s, %(persons)s, %(subjects)s::uuid[],
    %(request_id)s)
