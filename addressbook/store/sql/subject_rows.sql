-- Rows as they were received, with what is sealed of them.
SELECT r.row_key AS key, r.line, r.outcome, r.received, r.received_sealed, s.name AS source, b.file_name, b.started_at
FROM source_row r JOIN source s USING (source_id) JOIN batch b USING (batch_id)
WHERE r.row_key = ANY (%(rows)s) ORDER BY r.row_key
