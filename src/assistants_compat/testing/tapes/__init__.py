"""Traffic with the API on tape: recorded with vcrpy, scrubbed and labelled on the way in, and replayed to requests that are what they were.

For the fixture `assistants_cassette`, and for this project's own `cassettes/`.
"""
