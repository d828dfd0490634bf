-- A key was used just now. One that another transaction holds is passed over: it is used as well.
UPDATE api_key SET last_used_at = now()
WHERE key_id IN (SELECT key_id FROM api_key WHERE key_id = %(key_id)s FOR UPDATE SKIP LOCKED)
