-- Whether a decision on an item, or on a twin of it, that is newer than the one given was undone.
SELECT EXISTS (
    SELECT FROM review_item i
    JOIN review_item o ON o.review_id = i.review_id OR (o.text_key = i.text_key AND o.context = i.context)
    JOIN review_decision d ON d.review_id = o.review_id
    WHERE i.review_id = %(review)s AND d.decision_id > %(since)s AND d.undone_at IS NOT NULL AND d.verdict <> 'later'
) AS undone
