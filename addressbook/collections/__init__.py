"""Collections: addresses, divisions and the five kinds of elements as one machinery of lists, features and exports.

Pure: what there is, what may be asked of it, and conditions as checked trees. Statements are made in
store/collections.py, the policy is applied in views/collections.py.
"""
