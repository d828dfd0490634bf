-- Sealed values of persons, as far as the database lets this key open them: see opened_persons in migration 0013.
SELECT element_key AS key, name_sealed, identity_sealed, phone_sealed
FROM opened_persons(%(asker)s, %(stated)s, %(wanted)s::uuid[])
