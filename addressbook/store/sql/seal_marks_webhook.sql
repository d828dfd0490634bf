-- How many secrets of webhooks each key has sealed.
SELECT CASE WHEN substr(secret_sealed, 1, 1) = '\x02' THEN substr(secret_sealed, 1, 5) ELSE substr(secret_sealed, 1, 1) END AS mark, count(*) AS number FROM webhook GROUP BY 1
