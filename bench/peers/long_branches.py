#!/usr/bin/env python3
"""Writes a history of long branches that are merged late, as those of a source file with many
authors: editing-traces/concurrent/long-branches.json.gz in FOLDER.

Each of 12 authors has a branch of its own, begun at the main line, and commits 20 times to it, 40
edits each time, before it is merged into the main line, with an edit of whoever merges, and begun
anew; who commits next is drawn. An edit replaces 0 to 9 characters at a drawn place by 1 to 24
others. Authors change different sections of the text, so that every engine ends with the same one:
48,060 edits in 1,261 transactions, and 12 branches at any time.

usage: bench/peers/long_branches.py FOLDER
"""

import gzip
import json
import pathlib
import random
import sys

AUTHORS = 12
ROUNDS = 5
COMMITS = 20
EDITS = 40
SECTION = 2000
LETTERS = "abcdefghijklmnopqrstuvwxyz     \n"


class History:
    def __init__(self):
        self.draw = random.Random(1)
        self.transactions = []

    def text(self, size):
        return "".join(self.draw.choices(LETTERS, k=size))

    def add(self, agent, parents, patches):
        self.transactions.append({"agent": agent, "parents": parents, "patches": patches})
        return len(self.transactions) - 1

    def edit(self, sections, which):
        """Changes a section, never at its ends, and returns the patch."""
        old = sections[which]
        at = self.draw.randrange(1, len(old) - 1)
        erased = min(self.draw.randrange(10), len(old) - 1 - at)
        inserted = self.text(self.draw.randrange(1, 25))
        sections[which] = old[:at] + inserted + old[at + erased :]
        return [sum(map(len, sections[:which])) + at, erased, inserted]


def history():
    out = History()
    main = [out.text(SECTION) for _ in range(AUTHORS + 1)]
    tip = out.add(0, [], [[0, 0, "".join(main)]])
    branches = {who: (tip, list(main), 0) for who in range(1, AUTHORS + 1)}
    waiting = sorted(branches) * (ROUNDS * COMMITS)
    out.draw.shuffle(waiting)
    for who in waiting:
        parent, sections, commits = branches[who]
        patches = [out.edit(sections, who) for _ in range(EDITS)]
        parent = out.add(who, [parent], patches)
        commits += 1
        if commits == COMMITS:
            main[who] = sections[who]
            tip = out.add(0, sorted([tip, parent]), [out.edit(main, 0)])
            parent, sections, commits = tip, list(main), 0
        branches[who] = (parent, sections, commits)
    return {
        "kind": "concurrent",
        "endContent": "".join(main),
        "numAgents": AUTHORS + 1,
        "txns": out.transactions,
    }


def write(folder):
    place = pathlib.Path(folder) / "editing-traces" / "concurrent"
    place.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(place / "long-branches.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(history(), separators=(",", ":")).encode())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1])
