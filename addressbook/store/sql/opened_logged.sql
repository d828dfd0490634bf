-- Persons opened to a reader, as far as the database lets its key open them (opened_persons in migration 0013), and the
-- lines of the access log about all that are shown: one of those given out in full, one of the others. What is given out
-- and what is logged is the same set, in one statement: nothing is opened that is not on record. With a line in full the
-- commit waits for the disk, whatever the session was opened with.
WITH opened AS MATERIALIZED (
    SELECT element_key, name_sealed, identity_sealed, phone_sealed
    FROM opened_persons(%(key_id)s::bigint, %(purpose)s::text, %(subjects)s::uuid[])
),
shown AS (
    SELECT in_full, array_agg(element_key ORDER BY element_key) AS subjects FROM (
        SELECT DISTINCT w.element_key, EXISTS (SELECT FROM opened o WHERE o.element_key = w.element_key) AS in_full
        FROM unnest(%(subjects)s::uuid[]) AS w (element_key)) one
    GROUP BY in_full
),
logged AS (
    INSERT INTO access_log (key_id, reader, route, purpose, subject, fields, persons, subjects, request_id)
    SELECT %(key_id)s::bigint, %(reader)s::text, %(route)s::text, %(purpose)s::text, %(subject)s::text,
        CASE WHEN in_full THEN %(full)s::text ELSE %(masked)s::text END, cardinality(subjects), subjects,
        %(request_id)s::text
    FROM shown ORDER BY in_full DESC
    RETURNING CASE WHEN fields = %(full)s::text THEN set_config('synchronous_commit', 'on', true) END
)
