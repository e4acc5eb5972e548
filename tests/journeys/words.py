"""What the workspaces of the journeys are about: names, questions and files."""

from __future__ import annotations

QUESTION = "When was the Harrow dam opened and how much water does it hold?"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_QUESTION = (
    f"Which of the measurements that the {LONG} has published since 1974 about the reservoir at Harrow, "
    "https://water.example.test/reports/1974/harrow/volume-and-level-by-day-and-hour-with-all-corrections.csv, "
    "contradict what the Marl Courier printed in March 2019, and by how much?"
)
ARABIC = "متى افتُتح سد هارو وكم من الماء يتسع له؟"
JAPANESE = "ハロー・ダムはいつ開業し、どれだけの水を貯めますか。"
ROLES = {"adam": "admin", "ann": "approver", "bob": "researcher", "vera": "viewer", "paula": "billing"}
NAMES = {"ann": "Ann-Kathrin Oberwasserkraftwerksmeister"}
LOST = (
    b"# The gauge at Marl\n\nThe gauge at Marl stood at 4.2 metres on 3 May 1974, a day before the Harrow dam opened.\n"
)
FILES = {
    "dam.md": b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. "
    b"It holds 12.5 million cubic metres of water."
    b"\n\nIt was built for the mills of Marl. Two hundred people worked on it for five years.\n",
    "news.txt": b"Marl Courier, 12 March 2019\n\n"
    b"The Harrow dam holds 13.1 million cubic metres of water, it was said.\n",
    "levels.csv": b"day,level in metres,volume in million cubic metres\n2024-01-01,58.1,11.9\n2024-02-01,59.4,12.4\n",
    "board.html": b"<!doctype html><title>The water board</title><article><h1>The water board</h1>"
    b"<p>The water board of Marl runs the Harrow dam since 1981. It employs forty people.</p></article>",
    f"{LONG}-report-of-the-year-1974.md": f"# {LONG}\n\nThe {LONG} measured the Harrow dam in 1974.\n".encode(),
    "سد.txt": "سد هارو\n\nافتُتح سد هارو في 4 مايو 1974. يتسع السد لـ 12.5 مليون متر مكعب من الماء.\n".encode(),
    "ダム.txt": "ハロー・ダム\n\nハロー・ダムは1974年5月4日に開業した。貯水量は1250万立方メートルである。\n".encode(),
}


def gauge(number: int) -> bytes:
    """Return the text of one gauge."""
    return f"Gauge {number}\n\nGauge {number} of the valley stood at {number + 3}.5 metres in May 1974.\n".encode()
