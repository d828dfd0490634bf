-- The addresses of a range of divisions with the most events at them: of divisions that are counted already from what is
-- kept of them, of stale ones from the links. The most of the whole are among the most of its parts.
WITH kept AS MATERIALIZED (
    SELECT division_code, stale_since IS NOT NULL AS stale, top FROM area_tiling
    WHERE division_code >= %(low)s AND division_code <= %(high)s
),
found AS (
    SELECT e.key AS aid, e.value::bigint AS events FROM kept CROSS JOIN LATERAL jsonb_each_text(top) AS e
    WHERE NOT stale
    UNION ALL
    SELECT aid, count(*) FROM link
    WHERE division_code = ANY (ARRAY(SELECT division_code FROM kept WHERE stale)) AND element_kind = 'event'
        AND closed_at IS NULL AND aid IS NOT NULL
    GROUP BY aid
)
SELECT aid, events FROM found ORDER BY events DESC, aid LIMIT %(top)s
