"""What a gap is and how it is found: one file a detector, all of them decided by sets and never by walking numbers."""

from gdvg_desktop.core.kinds import GapKind
from gdvg_desktop.gaps import metadata, popularity, sequential, temporal
from gdvg_desktop.gaps.ground import Detector

DETECTORS: dict[GapKind, Detector] = {
    GapKind.SEQUENTIAL: sequential.detect,
    GapKind.POPULARITY: popularity.detect,
    GapKind.TEMPORAL: temporal.detect,
    GapKind.METADATA: metadata.detect,
}
"""Every kind of gap and who finds it. A new kind is a file here, a line here and a value of `GapKind`."""
