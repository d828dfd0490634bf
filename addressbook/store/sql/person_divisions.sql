-- Persons by the division that counts them itself, by role and whether at an address, and by category. Divisions that
-- count nobody are there as well: who sees only sums must not see that.
WITH counted AS MATERIALIZED (
    SELECT community_code AS code, role, category, located, sum(count) AS count FROM rollup
    WHERE community_code >= %(low)s AND community_code <= %(high)s AND kind = 'person'
    GROUP BY 1, 2, 3, 4
)
SELECT code, 'role' AS dimension, role || ' ' || located AS value, sum(count)::bigint AS count
FROM counted GROUP BY code, role, located
UNION ALL
SELECT code, 'category', category, sum(count)::bigint FROM counted GROUP BY code, category
UNION ALL
SELECT DISTINCT code, '', '', 0 FROM division WHERE code >= %(low)s AND code <= %(high)s
