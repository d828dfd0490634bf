-- What waits or waited for a person to decide about this one.
SELECT i.review_id, i.row_key, i.state, i.received_text, i.reason_code, i.role, i.created_at, i.settled_at
FROM review_item i WHERE i.element_key = %(key)s AND i.element_kind = 'person' ORDER BY i.review_id
