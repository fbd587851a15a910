"""Release follows release on a real CKAN, by our plugin, and whoever reads meanwhile gets each of them whole."""

from __future__ import annotations

from tests.dying_portal import PublishFirst, assert_converged, read_meanwhile
from tests.release_verdicts import Verdict
from tests.workspace_factory import NEVER_CANARY, PORTS, SHARED_CANARY

LAST = 4


def test_readers_get_every_release_whole(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    ids = {role: one["id"] for role, one in office.resources("ports").items()}
    with read_meanwhile(office) as one, read_meanwhile(office) as other:
        for release in range(2, LAST + 1):
            rows = [(f"{release}{row:02}", f"第{release}港", "", SHARED_CANARY, NEVER_CANARY) for row in range(release)]
            office.office.ports((PORTS[0], *rows))
            office.run("publish")
    # How long an answer takes says something of the machine that the tests run on.
    wrong = [read for each in (one, other) for read in each.report.examples if read.verdict is not Verdict.STALL]
    assert [read for read in wrong if read.verdict is not Verdict.OUTRUN] == []
    assert one.report.releases | other.report.releases >= {1, LAST}
    assert {role: each["id"] for role, each in office.resources("ports").items()} == ids
    assert len(office.rows("ports")) == LAST
    assert_converged(office, LAST, [f"第{LAST}港"] * LAST)
