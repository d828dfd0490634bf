-- Every element of a kind that is or was somewhere, as what its code is made from.
SELECT DISTINCT l.element_key::text FROM link l WHERE l.element_kind = %(kind)s
