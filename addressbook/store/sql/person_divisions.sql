-- Persons by the division that counts them itself, by role and category, at an address or not. Divisions that count
-- nobody are there as well: who sees only sums must not see that. Sums are looked up by division: of the whole range those
-- of persons are a few among very many. One line a division, for there are hundreds. OFFSET 0
-- keeps the planner from reading all divisions there are.
SELECT o.code, r.roles, r.categories, r.counts
FROM (
    SELECT DISTINCT d.code FROM unnest(%(lows)s::text[], %(highs)s::text[]) AS q (low, high)
    CROSS JOIN LATERAL (SELECT code FROM division WHERE code >= q.low AND code <= q.high OFFSET 0) d
) o CROSS JOIN LATERAL (
    SELECT array_agg(role) AS roles, array_agg(category) AS categories, array_agg(count) AS counts
    FROM rollup WHERE community_code = o.code AND kind = 'person'
) r
