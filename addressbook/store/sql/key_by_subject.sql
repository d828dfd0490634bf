-- What is known of the holder of an issuer's tokens, revoked or not.
SELECT key_id, role, label, areas, created_at, expires_at, revoked_at, last_used_at, previous_until, issued_at
FROM api_key WHERE issuer = %(issuer)s AND subject = %(subject)s
