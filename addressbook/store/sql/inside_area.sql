-- Those of some addresses whose point lies in an area, or once lay there: whoever is told late must not miss what became
-- of links at an address that has moved since.
SELECT a.aid
FROM area b, aid_directory d JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
WHERE b.code = %(area)s AND d.aid = ANY (%(aids)s) AND ST_Intersects(b.geom, a.geom)
UNION
SELECT v.aid
FROM area b, aid_directory d JOIN address_version v ON v.site_id = d.site_id AND v.aid = d.aid AND NOT v.is_slice
WHERE b.code = %(area)s AND d.aid = ANY (%(aids)s) AND ST_Intersects(b.geom, v.geom)
