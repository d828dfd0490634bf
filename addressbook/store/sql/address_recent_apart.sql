-- The same for a reader who is bound to areas: what it sees everywhere apart from what it sees inside its areas only. How
-- many of these there are must not show in what is left of the others.
recent AS (
    (SELECT * FROM moment WHERE NOT element_kind = ANY (%(everywhere)s::text[])
        ORDER BY day DESC, element_key, change LIMIT %(limit)s + 1)
    UNION ALL
    (SELECT * FROM moment WHERE element_kind = ANY (%(everywhere)s::text[])
        ORDER BY day DESC, element_key, change LIMIT %(limit)s + 1)
),
-- By the addresses: a link that is closed keeps the division in which it once was.
lying AS (SELECT json_agg(DISTINCT division_code) AS lies_in FROM below)
