-- Divisions in force whose codes begin with some digits, the widest first.
SELECT code, name, level FROM division
WHERE code >= %(low)s AND code <= %(high)s AND until_event IS NULL AND valid_to IS NULL
ORDER BY code
LIMIT %(limit)s
