-- A session of the page, no longer than its key is good; those that ended are swept on the way. It remembers what began it:
-- a key, or what the session did that asked for it; a token's holder has one hash for good.
WITH swept AS (DELETE FROM page_session WHERE expires_at <= now())
INSERT INTO page_session (session_hash, key_id, expires_at, key_hash)
SELECT %(hash)s, k.key_id, least(k.expires_at, now() + make_interval(secs => %(seconds)s)), coalesce(
    %(key_hash)s::bytea,
    (SELECT s.key_hash FROM page_session s WHERE s.session_hash = %(session_hash)s::bytea AND s.key_id = k.key_id),
    k.key_hash)
FROM api_key k WHERE k.key_id = %(key_id)s
RETURNING expires_at
