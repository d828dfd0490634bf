-- A session of the page, no longer than its key is good; those that ended are swept on the way.
WITH swept AS (DELETE FROM page_session WHERE expires_at <= now())
INSERT INTO page_session (session_hash, key_id, expires_at)
SELECT %(hash)s, k.key_id, least(k.expires_at, now() + make_interval(secs => %(seconds)s))
FROM api_key k WHERE k.key_id = %(key_id)s
RETURNING expires_at
