-- A session ends at once.
DELETE FROM page_session WHERE session_hash = %(hash)s
