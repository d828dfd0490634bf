-- Where an address lies, whatever its state.
SELECT a.site_id, a.path, a.state IN ('provisional', 'current') AS live
FROM address a
WHERE a.site_id = (SELECT d.site_id FROM aid_directory d WHERE d.aid = %(aid)s) AND a.aid = %(aid)s
