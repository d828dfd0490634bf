-- What the address was before: between address_hung.sql and one of the address_recent*.sql.
known AS MATERIALIZED (
    SELECT k.event_id, k.until_event, k.state, k.valid_from, k.valid_to, k.believed
    FROM target t JOIN kept k ON k.site_id = t.home_site_id AND k.aid = t.aid
),
