-- What may be told of these enterprises.
SELECT e.element_key, e.status, e.established_on AS month FROM enterprise e WHERE e.element_key = ANY (%(keys)s::uuid[])
