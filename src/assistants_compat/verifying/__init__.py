"""A team's own recordings of the old Assistants API, replayed request by request against this package, and every difference told.

    recordings = recordings_of(read(Path("tests/cassettes/test_tutor.yaml")), "test_tutor.yaml")
    outcome = verify(recordings)

The model's words are taken from the recordings, so no model is asked, and nothing here uses the network.
"""

from assistants_compat.verifying.differences import Difference, Kind
from assistants_compat.verifying.known import KNOWN, KnownDifference
from assistants_compat.verifying.outcome import Outcome
from assistants_compat.verifying.recording import Recording, recordings_of
from assistants_compat.verifying.replaying import verify

__all__ = ["KNOWN", "Difference", "Kind", "KnownDifference", "Outcome", "Recording", "recordings_of", "verify"]
