-- What may be told of these persons; nothing of those who are restricted or erased.
SELECT p.element_key, p.sex, p.birth_year FROM person p
WHERE p.element_key = ANY (%(keys)s::uuid[])
    AND NOT EXISTS (SELECT FROM subject_mark m WHERE m.element_key = p.element_key)
