-- How many addresses lie in each compound or place and on each street: what is suggested first of names found alike.
SELECT a.aid, s.count FROM (
    SELECT site_id, count(*) AS count FROM address WHERE state IN ('provisional', 'current') GROUP BY site_id
    HAVING count(*) > 1
) s
JOIN address a ON a.site_id = s.site_id AND a.path = '' AND a.state IN ('provisional', 'current')
UNION ALL
SELECT road_aid, count(*) FROM address
WHERE road_aid IS NOT NULL AND state IN ('provisional', 'current') GROUP BY road_aid
