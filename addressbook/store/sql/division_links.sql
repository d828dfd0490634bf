-- The links that an event closed at divisions go on at the successors.
INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
    received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
    opened_batch, opened_event, moved_from, opened_at)
SELECT -(q.new::bigint), NULL, q.new, l.element_kind, l.element_key, l.role, l.category, l.month, l.source_id, l.row_key,
    l.received_text, l.match_category, l.match_level, l.coordinate_level, l.score, l.flags, l.reasons, l.valid_from,
    l.valid_to, l.opened_batch, %(event)s, l.link_id, e.at
FROM unnest(%(olds)s::text[], %(news)s::text[]) AS q (old, new)
JOIN link l ON l.site_id = -(q.old::bigint) AND l.closed_event = %(event)s AND l.aid IS NULL
JOIN registry_event e ON e.event_id = %(event)s
ON CONFLICT DO NOTHING
RETURNING division_code, element_kind, role, category, month, 1, row_key, site_id
