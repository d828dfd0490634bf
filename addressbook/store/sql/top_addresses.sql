-- The addresses of a range of divisions with the most events at them, links that stand only.
SELECT aid, count(*) AS events FROM link
WHERE division_code >= %(low)s AND division_code <= %(high)s AND element_kind = 'event' AND closed_at IS NULL
    AND aid IS NOT NULL
GROUP BY aid
ORDER BY count(*) DESC, aid
LIMIT %(top)s
