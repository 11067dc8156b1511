"""Threads of a store as conversations upstream.

`items` says what of a thread goes into a conversation, and what does not; `reading` takes a thread out of the store; `calls` asks the
upstream, at the `pace` that it takes; `filling` brings one thread over, from wherever an earlier process left it; `exporting` brings many;
`maps` writes which thread is which conversation.
"""
