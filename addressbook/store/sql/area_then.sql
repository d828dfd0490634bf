-- Behind standing_then.sql: what a division held, recounted, for roll-ups are kept of today only. A link at an address
-- counts where that address lay; summed as the roll-ups are, and once by division for the parts.
, counted AS (
    SELECT 'address' AS kind, '' AS role, s.kind AS category, DATE '0001-01-01' AS month, 1 AS located, s.division_code
    FROM standing s
    WHERE s.division_code BETWEEN %(low)s AND %(high)s AND s.state IN ('provisional', 'current')
    UNION ALL
    SELECT l.element_kind, l.role, l.category, l.month, 1, s.division_code
    FROM standing s
    JOIN linked l ON l.site_id = s.home_site_id AND l.aid = s.aid
    WHERE s.division_code BETWEEN %(low)s AND %(high)s AND l.closed_at IS NULL
    UNION ALL
    SELECT l.element_kind, l.role, l.category, l.month, 0, l.division_code
    FROM linked l
    WHERE l.aid IS NULL AND l.division_code BETWEEN %(low)s AND %(high)s AND l.closed_at IS NULL
)
SELECT kind, CASE WHEN GROUPING(division_code) = 1 THEN located END AS located, role, category, month, division_code,
    count(*) AS count, sum(located)::bigint AS at_addresses
FROM counted
GROUP BY GROUPING SETS ((kind, located), (kind, role), (kind, category), (kind, month), (kind, division_code))
