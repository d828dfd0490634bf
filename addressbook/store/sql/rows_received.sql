-- What rows said when they were received, sealed where they are about persons: a load that meets a row again, word for
-- word, takes the cells from here. Only a loading process asks, and it has the secret anyway.
SELECT row_key, received, received_sealed FROM source_row WHERE row_key = ANY (%(keys)s::uuid[])
