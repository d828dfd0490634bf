-- What may be told of these houses.
SELECT h.element_key, h.use, h.occupancy, h.built_year FROM house h WHERE h.element_key = ANY (%(keys)s::uuid[])
