-- The links that an event closed and opened. What one that takes another back closed stands where it stood before that
-- other one: those rows are opened again under the number of whatever event had first opened them. All that a decision of
-- the review desk closed stands again.
SELECT true AS is_closed, l.row_key, l.role, l.element_kind, l.element_key, l.aid, l.division_code
FROM link l WHERE l.closed_event = %(event)s
UNION ALL
SELECT false, l.row_key, l.role, l.element_kind, l.element_key, l.aid, l.division_code
FROM link l WHERE l.opened_event = %(event)s
UNION ALL
SELECT false, l.row_key, l.role, l.element_kind, l.element_key, l.aid, l.division_code
FROM registry_event e JOIN link l ON l.closed_event = e.reverts
WHERE e.event_id = %(event)s AND (
    l.link_id = ANY (
        SELECT moved.moved_from FROM link moved WHERE moved.closed_event = %(event)s AND moved.moved_from IS NOT NULL)
    OR EXISTS (SELECT FROM registry_event o WHERE o.event_id = e.reverts AND o.kind = 'review'))
