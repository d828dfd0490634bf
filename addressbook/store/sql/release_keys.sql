-- The elements of a kind that are somewhere in a range of divisions today.
SELECT DISTINCT l.element_key FROM link l
WHERE l.element_kind = %(kind)s AND l.closed_at IS NULL AND l.division_code BETWEEN %(low)s AND %(high)s
