-- Every version of the divisions that the registry keeps itself, as they are known today: in force and ended.
SELECT DISTINCT d.code, d.name, d.level, d.parent_code, d.valid_from, d.valid_to
FROM division d
JOIN unnest(%(lows)s::text[], %(highs)s::text[]) AS kept (low, high)
    ON d.code >= kept.low COLLATE "C" AND d.code <= kept.high COLLATE "C"
WHERE d.until_event IS NULL
ORDER BY d.code, d.valid_from
