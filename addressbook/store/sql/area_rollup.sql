-- What the loaders keep, of one division: of a community its own counts, of any division above it the sums kept for it.
-- Summed four ways: nobody asks for a month of a category.
WITH own AS MATERIALIZED (
    SELECT kind, role, category, month, located, count FROM rollup
    WHERE community_code = %(code)s AND right(%(code)s, 3) <> '000'
),
counted AS (
    SELECT kind, role, category, located, count FROM own
    UNION ALL
    SELECT kind, role, category, located, count FROM rollup_division WHERE division_code = %(code)s
),
in_month AS (
    SELECT kind, month, count FROM own
    UNION ALL
    SELECT kind, month, count FROM rollup_month WHERE division_code = %(code)s
)
SELECT kind, located, role, category, NULL::date AS month, sum(count)::bigint AS count
FROM counted
GROUP BY GROUPING SETS ((kind, located), (kind, role), (kind, category))
HAVING sum(count) <> 0
UNION ALL
SELECT kind, NULL, NULL, NULL, month, sum(count)::bigint FROM in_month GROUP BY kind, month HAVING sum(count) <> 0
