-- Persons by the division that counts them itself, by role and by category, at an address or not. Divisions that
-- count nobody are there as well: who sees only sums must not see that.
WITH counted AS MATERIALIZED (
    SELECT community_code AS code, role, category, sum(count) AS count FROM rollup
    WHERE community_code >= %(low)s AND community_code <= %(high)s AND kind = 'person'
    GROUP BY 1, 2, 3
)
SELECT code, 'role' AS dimension, role AS value, sum(count)::bigint AS count FROM counted GROUP BY code, role
UNION ALL
SELECT code, 'category', category, sum(count)::bigint FROM counted GROUP BY code, category
UNION ALL
SELECT DISTINCT code, '', '', 0 FROM division WHERE code >= %(low)s AND code <= %(high)s
