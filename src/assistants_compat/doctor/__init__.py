"""`assistants-compat doctor`: facts about an installation and its store, and what a look at them comes to.

`looking` gathers the facts and changes nothing; `checks` are pure, one small function each; `report` says what they found.
"""
