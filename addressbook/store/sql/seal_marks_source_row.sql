-- How many rows as received each key has sealed.
SELECT CASE WHEN substr(received_sealed, 1, 1) = '\x02' THEN substr(received_sealed, 1, 5) ELSE substr(received_sealed, 1, 1) END AS mark, count(*) AS number
FROM source_row WHERE received_sealed IS NOT NULL GROUP BY 1
