-- The links that a decision had closed stand again as they stood.
INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
    received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
    opened_batch, opened_event, moved_from, opened_at)
SELECT l.site_id, l.aid, l.division_code, l.element_kind, l.element_key, l.role, l.category, l.month, l.source_id,
    l.row_key, l.received_text, l.match_category, l.match_level, l.coordinate_level, l.score, l.flags, l.reasons,
    l.valid_from, l.valid_to, l.opened_batch, l.opened_event, l.moved_from, e.at
FROM link l JOIN registry_event e ON e.event_id = %(by)s
WHERE l.closed_event = %(event)s
RETURNING division_code, element_kind, role, category, month, (aid IS NOT NULL)::int, 1
