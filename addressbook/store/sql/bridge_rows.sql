-- A source's rows with the code that stands today for the one they were given: merged ones and duplicates are followed
-- to the end of the chain; a code that was split or ended without a successor stays, and its state says so.
WITH RECURSIVE chain AS (
    SELECT aid, successor_aid FROM address_succession WHERE until_event IS NULL AND relation <> 'split'
    UNION
    SELECT c.aid, s.successor_aid FROM chain c
    JOIN address_succession s ON s.aid = c.successor_aid AND s.until_event IS NULL AND s.relation <> 'split'
),
today AS MATERIALIZED (
    SELECT aid, successor_aid FROM chain c WHERE NOT EXISTS (
        SELECT FROM address_succession s
        WHERE s.aid = c.successor_aid AND s.until_event IS NULL AND s.relation <> 'split')
)
SELECT r.source_key, d.aid, a.state
FROM source_row r
LEFT JOIN today t ON t.aid = r.aid
JOIN aid_directory d ON d.aid = coalesce(t.successor_aid, r.aid)
JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
WHERE r.source_id = %(source)s AND r.gone_at IS NULL
ORDER BY r.source_key
