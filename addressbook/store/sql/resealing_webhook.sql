-- Webhooks after a number whose secret was sealed by another key than the newest.
SELECT webhook_id AS key, url, secret_sealed FROM webhook
WHERE webhook_id > %(after)s AND substr(secret_sealed, 1, octet_length(%(mark)s::bytea)) <> %(mark)s
ORDER BY webhook_id LIMIT %(most)s
