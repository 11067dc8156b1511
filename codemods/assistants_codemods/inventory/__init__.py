"""What a scan tells beside the calls: models, prompts, leftovers."""
