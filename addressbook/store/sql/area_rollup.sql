-- What the loaders keep, of one division: of a community its own counts, of any division above it the sums kept for it.
-- Summed four ways in one pass: a county has thousands of kind × category × month, and only the sums are shown.
WITH counted AS (
    SELECT kind, role, category, month, located, count FROM rollup
    WHERE community_code = %(code)s AND right(%(code)s, 3) <> '000'
    UNION ALL
    SELECT kind, role, category, month, located, count FROM rollup_division WHERE division_code = %(code)s
)
SELECT kind, located, role, category, month, sum(count)::bigint AS count
FROM counted
GROUP BY GROUPING SETS ((kind, located), (kind, role), (kind, category), (kind, month))
HAVING sum(count) <> 0
