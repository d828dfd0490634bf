-- The links that a decision has closed go on at the address that was chosen.
INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
    received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
    opened_batch, opened_event, moved_from, opened_at)
SELECT %(site_id)s::bigint, %(aid)s::text, %(division_code)s::text, l.element_kind, l.element_key, l.role, l.category,
    l.month, l.source_id, l.row_key, l.received_text, l.match_category, l.match_level, l.coordinate_level, l.score,
    l.flags || ARRAY['reviewed'], l.reasons, l.valid_from, l.valid_to, l.opened_batch, %(event)s, l.link_id, l.closed_at
FROM link l WHERE l.closed_event = %(event)s
RETURNING division_code, element_kind, role, category, month, 1, 1
