"""Whether a text that another organisation will read gives away who a person is, or opens a door.

A room of pure rules, below people and packages. `rules` judges; the others find: `numbers` what is written in digits,
`times` dates of birth, `places` addresses, `ways_in` what opens a door, `names` names, `met` what the record itself holds,
as `known` says. `plain` makes signs that look alike the same, `words` reads the lists beside it. All is patterns and lists,
so that each finding says why.
"""
