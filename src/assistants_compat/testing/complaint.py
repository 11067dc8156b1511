"""What the kit itself finds wrong with a test."""


class Complaint(AssertionError):
    """Fails the test. Its message is all there is to say: where in the kit it was raised tells nothing."""
