-- The same as it was known after an event: what is to hold from a later day on is not told, for on that day it had not
-- come about.
happened AS NOT MATERIALIZED (
    SELECT * FROM registry_event WHERE event_id <= %(event)s AND (effective IS NULL OR effective <= %(day)s)
),
followed AS NOT MATERIALIZED (
    SELECT s.aid, s.successor_aid, s.relation, s.event_id FROM address_succession s
    WHERE (s.until_event IS NULL OR s.until_event > %(event)s)
        AND EXISTS (SELECT FROM happened e WHERE e.event_id = s.event_id)
),
known AS MATERIALIZED (
    SELECT v.event_id, v.until_event, v.state, v.valid_from, v.valid_to,
        v.until_event IS NULL OR v.until_event > %(event)s AS believed
    FROM target t JOIN address_version v ON v.site_id = t.home_site_id AND v.aid = t.aid
    WHERE v.event_id <= %(event)s
),
