-- Addresses by code, whatever their state, as suggestions show them.
SELECT a.aid, a.kind, a.state, a.name, a.standard_text, a.division_code, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM aid_directory d
JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
WHERE d.aid = ANY (%(aids)s)
