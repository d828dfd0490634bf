-- What the loaders keep: counts per community, summed over a range of codes (all codes of one division).
SELECT kind, role, category, month, located, sum(count)::bigint AS count
FROM rollup
WHERE community_code >= %(low)s AND community_code <= %(high)s AND count <> 0
GROUP BY kind, role, category, month, located
