-- How many values of persons each key has sealed, by the mark with which they begin.
SELECT CASE WHEN substr(v.sealed, 1, 1) = '\x02' THEN substr(v.sealed, 1, 5) ELSE substr(v.sealed, 1, 1) END AS mark, count(*) AS number
FROM person p CROSS JOIN LATERAL (VALUES (p.name_sealed), (p.identity_sealed), (p.phone_sealed)) AS v (sealed)
WHERE v.sealed <> '' GROUP BY 1
