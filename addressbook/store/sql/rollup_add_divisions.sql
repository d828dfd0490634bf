-- Add differences of community counts to the sums kept for every division above: province, city, county and town.
-- A code stands for itself and for what it lies in, so a link that reaches only a town is in the town's sum as well.
-- In key order, so that two loads cannot wait for each other in a ring.
INSERT INTO rollup_division AS r (division_code, kind, role, category, month, located, count)
SELECT above.code COLLATE "C", d.kind, d.role, d.category, d.month, d.located, sum(d.delta)
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::int[], %s::bigint[])
    AS d (code, kind, role, category, month, located, delta)
CROSS JOIN LATERAL (
    SELECT DISTINCT rpad(left(d.code, digits), 12, '0') AS code FROM unnest(ARRAY[2, 4, 6, 9]) AS digits
) AS above
GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(d.delta) <> 0
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (division_code, kind, role, category, month, located) DO UPDATE SET count = r.count + excluded.count
