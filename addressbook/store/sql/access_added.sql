-- One more line of the access log, before whatever else the statement does. Nobody is waited for; where persons are shown
-- in full the transaction's commit waits for the disk, whatever the session was opened with.
WITH logged AS (
    INSERT INTO access_log (key_id, reader, route, purpose, subject, fields, persons, subjects, request_id)
    VALUES (%(key_id)s, %(reader)s, %(route)s, %(purpose)s, %(subject)s, %(fields)s, %(persons)s, %(subjects)s::uuid[],
        %(request_id)s)
    RETURNING CASE WHEN %(in_full)s THEN set_config('synchronous_commit', 'on', true) END
)
