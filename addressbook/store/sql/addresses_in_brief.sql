-- What a list of pairs says of its addresses.
SELECT a.aid, a.standard_text, a.division_code, a.state
FROM aid_directory d JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
WHERE d.aid = ANY (%(aids)s)
