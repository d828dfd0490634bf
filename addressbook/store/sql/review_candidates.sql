-- Addresses as they are today, each with its own point, or that of the nearest address it lies in.
SELECT a.aid, a.kind, a.path, a.standard_text, a.division_code, a.state, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    a.coordinate_level
FROM aid_directory d
JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
LEFT JOIN LATERAL (
    SELECT o.geom FROM address o
    WHERE o.site_id = a.site_id AND o.geom IS NOT NULL AND (o.aid = a.aid OR (
        o.state IN ('provisional', 'current') AND (o.path = '' OR starts_with(a.path, o.path || '/'))))
    ORDER BY (o.aid = a.aid) DESC, length(o.path) DESC LIMIT 1
) p ON true
WHERE d.aid = ANY(%(aids)s)
