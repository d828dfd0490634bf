-- How many values each key has sealed, by the mark with which they begin.
SELECT mark, count(*) AS values FROM (
    SELECT name_sealed AS sealed FROM person UNION ALL SELECT identity_sealed FROM person
    UNION ALL SELECT phone_sealed FROM person UNION ALL SELECT received_sealed FROM source_row
    UNION ALL SELECT secret_sealed FROM webhook
) v CROSS JOIN LATERAL (
    SELECT CASE WHEN substr(sealed, 1, 1) = '\x02' THEN substr(sealed, 1, 5) ELSE substr(sealed, 1, 1) END AS mark
) m
WHERE sealed IS NOT NULL GROUP BY mark ORDER BY mark
