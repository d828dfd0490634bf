-- The categories of the persons of the whole registry, from the sums kept for provinces (GB/T 2260: 11 to 82).
SELECT DISTINCT category FROM rollup_division
WHERE division_code = ANY (ARRAY(SELECT rpad(n::text, 12, '0') FROM generate_series(11, 82) AS n))
    AND kind = 'person' AND count <> 0
ORDER BY category
