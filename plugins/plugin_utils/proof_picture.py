# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof as one self-contained SVG: the chain from client to server, the flow before and after the NAT, the verdict."""

from __future__ import annotations

import textwrap
import typing as t
from xml.sax.saxutils import escape

BOX, GAP, MARGIN = 290, 215, 40
"""Widths: of a CNF, of the link between two, of the border."""
TOP = 150
"""Where the CNFs begin, below the title."""

INK, SOFT, PAPER, LINE = "#1c2733", "#5d6b7a", "#ffffff", "#c9d2dc"
GOOD, BAD = "#1a7f4b", "#c0362c"
INSIDE, OUTSIDE = "#2563a8", "#b05c0a"
SANS = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"
MONO = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"

Data = t.Mapping[str, t.Any]


class Drawing:
    """SVG elements, one after the other."""

    def __init__(self) -> None:
        self.parts: t.List[str] = []

    def text(self, x: float, y: float, words: str, size: int = 13, **look: t.Any) -> None:
        """A line of text; C(anchor) start, middle or end, C(mono), C(bold), C(colour), C(room) in pixels to keep within."""
        mono, colour = look.get("mono", False), look.get("colour", INK)
        if look.get("room"):
            words = fit(words, look["room"], size, mono)
        weight = ' font-weight="700"' if look.get("bold") else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-family="{MONO if mono else SANS}" font-size="{size}" fill="{colour}" '
            f'text-anchor="{look.get("anchor", "start")}"{weight}>{escape(words)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, fill: str = PAPER, stroke: str = LINE, radius: int = 8) -> None:
        """A rectangle with round corners."""
        self.parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, **look: t.Any) -> None:
        """A straight line; C(arrow) for a head at its end, C(dashed)."""
        dashed = ' stroke-dasharray="6 5"' if look.get("dashed") else ""
        self.parts.append(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="{look.get("width", 2)}"{dashed}/>')
        if look.get("arrow"):
            back = -9 if x2 > x1 else 9
            self.parts.append(f'<path d="M{x2:g} {y2:g} l{back} -5 v10 z" fill="{colour}"/>')


def fit(words: str, room: float, size: int, mono: bool) -> str:
    """The words, cut with an ellipsis when they need more than C(room) pixels."""
    most = max(1, int(room / (size * (0.61 if mono else 0.64))))
    return words if len(words) <= most else words[: most - 1] + "…"


def _interfaces(cnf: Data, wanted: t.Sequence[str]) -> t.List[Data]:
    """Those of a CNF, the wanted ones first."""
    return sorted(cnf["interfaces"], key=lambda each: each["name"] not in wanted)


def _interface(drawing: Drawing, x: float, y: float, one: Data, colour: str, note: str) -> None:
    drawing.box(x, y, BOX - 32, 52, fill="#f5f8fb", stroke=colour, radius=6)
    drawing.text(x + 12, y + 21, str(one["name"]), 14, bold=True, mono=True, colour=colour, room=130)
    drawing.text(x + BOX - 44, y + 20, note, 11, anchor="end", colour=SOFT, room=110)
    addresses = ", ".join(one.get("ip_addresses") or ()) or "no address"
    drawing.text(x + 12, y + 41, addresses, 12, mono=True, room=BOX - 56)


def _cnf(drawing: Drawing, x: float, height: float, cnf: Data, role: str) -> None:
    drawing.box(x, TOP, BOX, height, stroke="#8593a3")
    drawing.text(x + 16, TOP + 29, str(cnf["cnf"]), 17, bold=True, room=BOX - 96)
    drawing.text(x + BOX - 16, TOP + 28, role, 12, anchor="end", colour=SOFT)
    drawing.line(x, TOP + 44, x + BOX, TOP + 44, LINE, width=1)


def _hop(drawing: Drawing, x: float, y: float, hop: Data, good: bool, colour: str) -> None:
    """The flow on the link between two CNFs."""
    stroke = colour if good else BAD
    drawing.line(x + 6, y, x + GAP - 6, y, stroke, arrow=True, dashed=not good)
    middle = x + GAP / 2
    drawing.text(middle, y - 30, f"from {hop['source']}", 12, anchor="middle", mono=True, bold=True, colour=stroke, room=GAP - 8)
    drawing.text(middle, y - 11, f"to {hop['destination']}", 12, anchor="middle", mono=True, room=GAP - 8)
    if "packets_forth" in hop:
        drawing.text(middle, y + 22, f"{hop['packets_forth']} packets forth, {hop['packets_back']} back", 12, anchor="middle", colour=SOFT)


def _translation(drawing: Drawing, x: float, y: float, nat: Data, flow: t.Optional[Data], session: t.Optional[Data]) -> None:
    width = BOX - 32
    drawing.box(x, y, width, 128, fill="#eef3f8", radius=6)
    drawing.text(x + 12, y + 21, "NAT44", 13, bold=True)
    state = f"{session['protocol']} {session.get('state') or ''}".strip() if session else "no session"
    drawing.text(x + width - 12, y + 21, state, 11, anchor="end", colour=SOFT if session else BAD, room=150)
    before = flow["hops"][1]["source"] if flow else "-"
    after = f"{session['outside']['address']}:{session['outside']['port']}" if session else "not translated"
    drawing.text(x + 12, y + 46, "before", 11, colour=SOFT)
    drawing.text(x + 62, y + 46, before, 13, mono=True, bold=True, colour=INSIDE, room=width - 70)
    drawing.text(x + 12, y + 69, "after", 11, colour=SOFT)
    drawing.text(x + 62, y + 69, after, 13, mono=True, bold=True, colour=OUTSIDE if session else BAD, room=width - 70)
    drawing.line(x + 12, y + 83, x + width - 12, y + 83, LINE, width=1)
    pools = [f"{one['first_ip']} - {one['last_ip']}" for one in nat["pools"]]
    drawing.text(x + 12, y + 101, f"pool {', '.join(pools) or 'none'}", 11, mono=True, room=width - 20)
    counted = f"{session['packets']} packets, {session['bytes']} bytes" if session and session.get("packets") else "no packets counted"
    drawing.text(x + 12, y + 118, counted, 11, colour=SOFT, room=width - 20)


def _session_of(flow: t.Optional[Data], sessions: t.Sequence[Data]) -> t.Optional[Data]:
    if not flow or not flow["client"]:
        return None
    return next((one for one in sessions if one["inside"] == flow["client"] and one["external"] == flow["server"]), None)


def _checks(drawing: Drawing, top: float, width: float, checks: t.Sequence[Data]) -> float:
    """The list of checks; returns where it ends."""
    y = top
    columns = int((width - 2 * MARGIN - 190) / (12 * 0.61))
    for check in checks:
        colour = GOOD if check["proven"] else BAD
        drawing.parts.append(f'<circle cx="{MARGIN + 12}" cy="{y - 4:g}" r="9" fill="{colour}"/>')
        mark = "M-4 0 l3 3.5 l5 -7" if check["proven"] else "M-3.5 -3.5 l7 7 M3.5 -3.5 l-7 7"
        drawing.parts.append(f'<path transform="translate({MARGIN + 12} {y - 4:g})" d="{mark}" fill="none" stroke="#fff" stroke-width="2"/>')
        drawing.text(MARGIN + 32, y, str(check["name"]), 14, bold=True, colour=INK if check["proven"] else BAD)
        lines = _wrapped(str(check["seen"]), columns)
        if not check["proven"]:
            lines += _wrapped(f"expected: {check['expected']}", columns)
        for number, line in enumerate(lines):
            drawing.text(MARGIN + 160, y + 19 * number, line, 12, mono=True, colour=INK if check["proven"] else BAD)
        y += 19 * max(1, len(lines)) + 11
    return y


def _wrapped(words: str, columns: int) -> t.List[str]:
    lines = textwrap.wrap(" ".join(words.split()), columns) or [""]
    return lines[:4] if len(lines) <= 4 else [*lines[:3], lines[3][: columns - 1] + "…"]


def _telling(flows: t.Sequence[Data]) -> t.Optional[Data]:
    """The flow to draw: the one that the server itself told about, else the first, on which the chain failed."""
    answered = [flow for flow in flows if flow["status"]]
    return answered[-1] if answered else flows[0] if flows else None


def picture(result: Data) -> str:
    """An SVG document from what C(nat44_chain_proof) returned."""
    found, checks = result["evidence"], result["checks"]
    nat = found["nat"]
    flow = _telling(found["flows"])
    session = _session_of(flow, found.get("sessions") or ())
    sides = {**dict.fromkeys(nat["inside"], ("inside", INSIDE)), **dict.fromkeys(nat["outside"], ("outside", OUTSIDE))}
    width = 2 * MARGIN + 3 * BOX + 2 * GAP
    columns = [MARGIN + index * (BOX + GAP) for index in range(3)]
    shown = [_interfaces(cnf, list(sides))[:4] for cnf in found["chain"]]
    height = 44 + 24 + max(1, max(len(each) for each in shown)) * 62 + 140
    drawing = Drawing()
    verdict = ("PROVEN", GOOD) if result["proven"] else ("NOT PROVEN", BAD)
    nat_cnf = next(cnf["cnf"] for cnf in found["chain"] if cnf["role"] == "nat")
    drawing.text(MARGIN, 58, f"NAT44 of {nat_cnf}", 26, bold=True, room=760)
    url = flow["url"] if flow else ""
    outcome = (
        f"GET {url}: " + (f"HTTP {flow['status']} in {flow['seconds'] * 1000:.1f} ms" if flow["status"] else flow["error"]) if flow else "no flow was sent"
    )
    drawing.text(MARGIN, 88, outcome, 14, mono=True, colour=SOFT, room=900)
    badge = 170 if result["proven"] else 220
    drawing.box(width - MARGIN - badge, 30, badge, 44, fill=verdict[1], stroke=verdict[1], radius=22)
    drawing.text(width - MARGIN - badge / 2, 59, verdict[0], 19, anchor="middle", bold=True, colour="#ffffff")
    for x, cnf, interfaces in zip(columns, found["chain"], shown):
        _cnf(drawing, x, height, cnf, {"nat": "NAT44", "server": "server"}.get(cnf["role"], cnf["role"]))
        y = TOP + 60
        for one in interfaces:
            note, colour = sides.get(one["name"], ("", "#8593a3")) if cnf["role"] == "nat" else ("", INSIDE if cnf["role"] == "client" else OUTSIDE)
            kernel = one.get("host_if_name")
            _interface(drawing, x + 16, y, one, colour, note or (str(kernel) if kernel != one["name"] else ""))
            y += 62
        if not interfaces:
            drawing.text(x + 16, y + 22, "no interface seen", 12, colour=BAD)
            y += 62
        if cnf["role"] == "nat":
            _translation(drawing, x + 16, TOP + height - 144, nat, flow, session)
    y = TOP + 44 + (height - 44) / 2
    if flow:
        forth = flow["hops"]
        for x, hop, colour in ((columns[0] + BOX, forth[1], INSIDE), (columns[1] + BOX, forth[2], OUTSIDE)):
            _hop(drawing, x, y, hop, bool(hop["packets_forth"] and hop["packets_back"]), colour)
        source = found.get("source_seen_by_server")
        x, low = columns[2] + 16, TOP + height - 78
        drawing.box(x, low, BOX - 32, 62, fill="#eef3f8", radius=6)
        drawing.text(x + 12, low + 23, "the server saw", 12, colour=SOFT)
        seen = f"{source['address']}:{source['port']}" if source else "nobody"
        drawing.text(x + 12, low + 46, seen, 14, mono=True, bold=True, colour=OUTSIDE if source else BAD, room=BOX - 56)
        x = columns[0] + 16
        drawing.box(x, low, BOX - 32, 62, fill="#eef3f8", radius=6)
        drawing.text(x + 12, low + 23, "the client sent from", 12, colour=SOFT)
        drawing.text(x + 12, low + 46, forth[0]["source"], 14, mono=True, bold=True, colour=INSIDE, room=BOX - 56)
    else:
        for x in (columns[0] + BOX, columns[1] + BOX):
            drawing.line(x + 6, y, x + GAP - 6, y, BAD, dashed=True)
    top = TOP + height + 56
    drawing.text(MARGIN, top, "Evidence", 18, bold=True)
    end = _checks(drawing, top + 36, width, checks)
    total = end + 24
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{total:g}" viewBox="0 0 {width} {total:g}" role="img">'
        f"<title>{escape(f'NAT44 of {nat_cnf}: {verdict[0]}')}</title>"
        f'<rect width="100%" height="100%" fill="#fbfcfd"/>'
    )
    return head + "\n" + "\n".join(drawing.parts) + "\n</svg>\n"
