-- A source's rows, or the outside codes of a scheme, with the code that stands today for the one they were given: merged
-- ones and duplicates are followed to the end of the chain; a code that was split or ended without a successor stays,
-- and its state says so.
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
),
keyed AS (
    SELECT source_key AS key, aid, NULL::date AS valid_from, NULL::date AS valid_to, NULL AS source
    FROM source_row WHERE source_id = %(source)s AND gone_at IS NULL
    UNION ALL
    SELECT e.value, e.aid, e.valid_from, e.valid_to, s.name
    FROM external_identifier e LEFT JOIN source s ON s.source_id = e.source_id
    WHERE e.scheme = %(scheme)s AND e.until_event IS NULL
)
SELECT k.key, d.aid, a.state, k.valid_from, k.valid_to, k.source
FROM keyed k
LEFT JOIN today t ON t.aid = k.aid
JOIN aid_directory d ON d.aid = coalesce(t.successor_aid, k.aid)
JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
ORDER BY k.key, k.valid_to DESC NULLS FIRST
