-- What a clerk gets: what he has already, then the next of the queue, one of each set of twins. What was never put off
-- comes first. What another transaction is just deciding is passed over. The caller holds the claim lock.
WITH fits AS NOT MATERIALIZED (
    SELECT i.review_id, i.text_key, i.context, i.put_off_until, i.claimed_by, i.claimed_until
    FROM review_item i JOIN source s USING (source_id)
    WHERE i.state = 'open'
        AND (%(area)s::text IS NULL OR starts_with(i.division_code, %(area)s))
        AND (%(reason)s::text IS NULL OR i.reason_code = %(reason)s)
        AND (%(source)s::text IS NULL OR s.name = %(source)s)
        AND (%(kind)s::text IS NULL OR i.element_kind = %(kind)s)
), own AS (
    SELECT review_id, text_key, context, put_off_until, 0 AS turn FROM fits
    WHERE claimed_by <> '' AND claimed_by = %(actor)s AND claimed_until > statement_timestamp()
    UNION ALL (
        SELECT review_id, text_key, context, put_off_until, 1 FROM fits f
        WHERE (put_off_until IS NULL OR put_off_until <= statement_timestamp())
            AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
            AND NOT EXISTS (
                SELECT FROM review_item t
                WHERE t.text_key = f.text_key AND t.context = f.context AND t.state = 'open' AND t.claimed_by <> ''
                    AND t.claimed_until > statement_timestamp())
        ORDER BY put_off_until NULLS FIRST, review_id
        LIMIT %(limit)s * 20
    )
), one_of_twins AS (
    SELECT *, row_number() OVER (
        PARTITION BY coalesce(text_key::text || context, review_id::text) ORDER BY turn, review_id) AS number
    FROM own
), chosen AS (
    SELECT review_id, turn, put_off_until FROM one_of_twins WHERE number = 1
    ORDER BY turn, put_off_until NULLS FIRST, review_id LIMIT %(limit)s
), held AS (
    SELECT i.review_id, c.turn, c.put_off_until FROM review_item i JOIN chosen c USING (review_id)
    WHERE i.state = 'open' FOR UPDATE OF i SKIP LOCKED
), taken AS (
    UPDATE review_item i SET claimed_by = %(actor)s,
        claimed_until = statement_timestamp() + make_interval(mins => %(minutes)s)
    FROM held WHERE i.review_id = held.review_id
    RETURNING i.review_id, held.turn, held.put_off_until
)
SELECT review_id FROM taken ORDER BY turn, put_off_until NULLS FIRST, review_id
