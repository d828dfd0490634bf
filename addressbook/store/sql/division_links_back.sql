-- The links at divisions that an event had moved stand again where they stood.
INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
    received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
    opened_batch, opened_event, moved_from, opened_at)
SELECT o.site_id, NULL, o.division_code, o.element_kind, o.element_key, o.role, o.category, o.month, o.source_id,
    o.row_key, o.received_text, o.match_category, o.match_level, o.coordinate_level, o.score, o.flags, o.reasons,
    o.valid_from, o.valid_to, o.opened_batch, o.opened_event, o.moved_from, e.at
FROM link l
JOIN link o ON o.closed_event = %(event)s AND o.link_id = l.moved_from AND o.aid IS NULL
JOIN registry_event e ON e.event_id = %(by)s
WHERE l.closed_event = %(by)s AND l.opened_event = %(event)s AND l.aid IS NULL
RETURNING division_code, element_kind, role, category, month, 1, row_key, site_id
