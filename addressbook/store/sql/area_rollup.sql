-- What the loaders keep, of one division: of a community its own counts, of any division above it the sums kept for it.
SELECT kind, role, category, month, located, count FROM rollup
WHERE community_code = %(code)s AND right(%(code)s, 3) <> '000' AND count <> 0
UNION ALL
SELECT kind, role, category, month, located, count FROM rollup_division WHERE division_code = %(code)s AND count <> 0
