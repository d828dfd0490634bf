-- Every link that a person has or has had, with its address and source.
SELECT l.role, l.category, l.aid, a.standard_text, l.division_code, l.received_text, l.match_category, l.valid_from,
    l.valid_to, l.opened_at, l.closed_at, s.name AS source, l.row_key
FROM link l JOIN source s USING (source_id) LEFT JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid
WHERE l.element_key = %(key)s ORDER BY l.opened_at, l.link_id
