-- The codes of purposes in use.
SELECT code FROM purpose WHERE closed_at IS NULL ORDER BY code
