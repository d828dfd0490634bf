-- What may be told of these persons.
SELECT p.element_key, p.sex, p.birth_year FROM person p WHERE p.element_key = ANY (%(keys)s::uuid[])
