"""The way to native code on Responses and Conversations."""
