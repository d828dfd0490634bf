-- The key in force behind a session of the page that has not ended. It ends with the key that began it, when that one was
-- rotated away and is good no longer.
SELECT k.key_id, k.role, k.label, k.areas, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, k.previous_until
FROM page_session s JOIN api_key k ON k.key_id = s.key_id
WHERE s.session_hash = %(hash)s AND s.expires_at > now()
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    AND (s.key_hash = k.key_hash OR (s.key_hash = k.previous_hash AND k.previous_until > now()))
