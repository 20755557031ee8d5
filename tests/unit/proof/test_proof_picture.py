# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import xml.etree.ElementTree as xml

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.proof import judge, model, tell
from ansible_collections.pantheon.cnf.plugins.plugin_utils.proof_picture import picture

from ...support.proofs import POOLED, REQUEST, seen_when_good, traced_when_good

GOOD = seen_when_good()
LOST = GOOD._replace(
    page=GOOD.page._replace(status=0, error="no answer within 10 s", body=""),
    whoami=GOOD.whoami._replace(status=0, error="no answer within 0.5 s", body=""),
    sessions=[],
    outside=[],
)
MANY = GOOD._replace(interfaces={name: [*there, *[{**there[0], "name": f"eth{number}"} for number in range(5)]] for name, there in GOOD.interfaces.items()})
LONG = REQUEST._replace(
    client=model.Place("a-client-with-a-name-of-many-letters", "x"),
    nat=model.Place("n" * 60, "y"),
    url="http://80.80.80.80/" + "long/" * 40,
)


def result(request, seen):
    """What the module returns."""
    checks = judge.judge(request, seen) if seen else tell.failed("network namespace client does not exist")
    return {
        "proven": all(check.proven for check in checks),
        "checks": [check._asdict() for check in checks],
        "evidence": tell.evidence(request, seen) if seen else tell.unseen(request),
    }


CASES = {
    "good": (REQUEST, GOOD),
    "lost": (REQUEST, LOST),
    "nothing": (REQUEST, None),
    "long": (LONG, LOST),
    "many": (REQUEST, MANY),
    "traced": (REQUEST, traced_when_good()),
}


@pytest.fixture(name="drawn", params=CASES)
def _drawn(request):
    return xml.fromstring(picture(result(*CASES[request.param])))


def texts(drawn):
    """Position, size, anchor and words of each text."""
    for one in drawn.iter("{http://www.w3.org/2000/svg}text"):
        size = float(one.get("font-size"))
        width = len(one.text or "") * size * (0.61 if "Mono" in one.get("font-family") else 0.58)
        left = float(one.get("x")) - {"start": 0, "middle": width / 2, "end": width}[one.get("text-anchor")]
        yield left, float(one.get("y")) - size * 0.8, width, size, one.text or ""


def test_everything_is_within_the_picture_and_nothing_on_top_of_another_text(drawn):
    width, height = float(drawn.get("width")), float(drawn.get("height"))
    placed = list(texts(drawn))
    for number, (left, top, wide, high, words) in enumerate(placed):
        assert left >= 0 and left + wide <= width and top >= 0 and top + high <= height, words
        for other_left, other_top, other_wide, other_high, other in placed[number + 1 :]:
            apart = left + wide <= other_left or other_left + other_wide <= left or top + high <= other_top or other_top + other_high <= top
            assert apart, f"{words!r} and {other!r}"


def test_it_refers_to_nothing_outside(drawn):
    text = xml.tostring(drawn, encoding="unicode")
    assert not re.search(r"href|url\(|@import|<script|<image", text)


def test_it_shows_verdict_addresses_and_translation():
    text = picture(result(REQUEST, GOOD))
    for words in ("PROVEN", "192.168.100.10:4001", f"{POOLED}:4001", "memif0", "80.80.80.100/24", "80.80.80.100 - 80.80.80.105", "6 packets forth, 6 back"):
        assert words in text
    assert "NOT PROVEN" not in text
    assert "NOT PROVEN" in picture(result(REQUEST, LOST))


def test_words_from_outside_stay_words():
    seen = GOOD._replace(page=GOOD.page._replace(body="<script>alert('&')</script>"))
    drawn = xml.fromstring(picture(result(REQUEST, seen)))
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}script"))
    assert any("<script>" in words for *_place, words in texts(drawn))
