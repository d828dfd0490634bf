-- What the address was before, the events about it and what followed what: between address_hung.sql and one of the
-- address_recent*.sql. Not in standing_now.sql: what needs none of it should not wait for these tables either.
happened AS NOT MATERIALIZED (SELECT * FROM registry_event),
followed AS NOT MATERIALIZED (SELECT aid, successor_aid, relation, event_id FROM address_succession WHERE until_event IS NULL),
known AS MATERIALIZED (
    SELECT v.event_id, v.until_event, v.state, v.valid_from, v.valid_to, v.until_event IS NULL AS believed
    FROM target t JOIN address_version v ON v.site_id = t.home_site_id AND v.aid = t.aid
),
