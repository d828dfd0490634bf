-- Rows as received after a key whose sealed part is of another key than the newest, in the order of keys.
SELECT row_key AS key, received_sealed FROM source_row
WHERE row_key > %(after)s AND substr(received_sealed, 1, octet_length(%(mark)s::bytea)) <> %(mark)s
ORDER BY row_key LIMIT %(most)s
