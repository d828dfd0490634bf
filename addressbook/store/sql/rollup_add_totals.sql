-- Add differences of community counts to the totals kept for every division, from the community up to the province.
-- In key order, so that two loads cannot wait for each other in a ring.
INSERT INTO rollup_total AS r (division_code, kind, located, count)
SELECT above.code COLLATE "C", d.kind, d.located, sum(d.delta)
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::int[], %s::bigint[])
    AS d (code, kind, role, category, month, located, delta)
CROSS JOIN LATERAL (
    SELECT DISTINCT rpad(left(d.code, digits), 12, '0') AS code FROM unnest(ARRAY[2, 4, 6, 9, 12]) AS digits
) AS above
GROUP BY 1, 2, 3
HAVING sum(d.delta) <> 0
ORDER BY 1, 2, 3
ON CONFLICT (division_code, kind, located) DO UPDATE SET count = r.count + excluded.count
