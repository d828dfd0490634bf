-- The newest moments of an address view; where everything below lies matters to no reader who is bound to no area.
recent AS (SELECT * FROM moment ORDER BY day DESC, element_key, change LIMIT %(limit)s + 1),
lying AS (SELECT NULL::json AS lies_in)
