-- What the loaders keep, of one division: of a community its own counts, of any division above it the sums kept for it.
-- Summed four ways: a county has thousands of kind × category × month, and only the sums are shown. All of it is hashed
-- twice, without months and by them alone; the other ways are sums of the few rows without.
WITH counted AS (
    SELECT kind, role, category, month, located, count FROM rollup
    WHERE community_code = %(code)s AND right(%(code)s, 3) <> '000'
    UNION ALL
    SELECT kind, role, category, month, located, count FROM rollup_division WHERE division_code = %(code)s
),
twice AS (
    SELECT kind, located, role, category, month, grouping(month) = 0 AS by_month, sum(count) AS count
    FROM counted
    GROUP BY GROUPING SETS ((kind, located, role, category), (kind, month))
)
SELECT kind, located, role, category, NULL::date AS month, sum(count)::bigint AS count
FROM twice WHERE NOT by_month
GROUP BY GROUPING SETS ((kind, located), (kind, role), (kind, category))
HAVING sum(count) <> 0
UNION ALL
SELECT kind, NULL, NULL, NULL, month, count::bigint FROM twice WHERE by_month AND count <> 0
