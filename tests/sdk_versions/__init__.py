"""Every version of the SDK: what the tests run on, what a version has, and docs/sdk-versions.md, which says both."""
