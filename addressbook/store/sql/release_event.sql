-- What may be told of these events.
SELECT e.element_key, e.status, e.occurred_on AS month FROM event e WHERE e.element_key = ANY (%(keys)s::uuid[])
