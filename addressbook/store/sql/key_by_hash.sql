-- A key that is neither revoked nor expired; one that was rotated away only while it is still good.
SELECT key_id, role, label, areas, created_at, expires_at, revoked_at, last_used_at, previous_until
FROM api_key
WHERE (key_hash = %(hash)s OR (previous_hash = %(hash)s AND previous_until > now()))
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
