-- Persons after a key of whom something was sealed by another key than the newest, in the order of keys.
SELECT element_key AS key, name_sealed, identity_sealed, phone_sealed FROM person
WHERE element_key > %(after)s
    AND (name_sealed <> '' AND substr(name_sealed, 1, octet_length(%(mark)s::bytea)) <> %(mark)s
        OR substr(identity_sealed, 1, octet_length(%(mark)s::bytea)) <> %(mark)s
        OR substr(phone_sealed, 1, octet_length(%(mark)s::bytea)) <> %(mark)s)
ORDER BY element_key LIMIT %(most)s
