"""Judges how series of events are worked out: the table of the engine's tests, by a library that others wrote.

    recurrences.py [--write]

The table is engine/src/caldav/busy/table.json. Its tests hold Janji to it, and this holds it to recurring-ical-events. --write
writes down what the library says, for rows that are new.
"""

import argparse
import json
import sys
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

TABLE = Path(__file__).resolve().parents[3] / "engine" / "src" / "caldav" / "busy" / "table.json"


def moment(value, zone):
    """The point in time of what an event says, where what has no zone is of this one."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    # By the clock alone two of them would compare, and not by when they are.
    return value.astimezone(timezone.utc)


def is_free(event):
    return event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED"


def busy(row):
    """The times that the library finds, those that touch as one, within the window of the row."""
    zone = ZoneInfo(row["zone"])
    start, end = (datetime.fromisoformat(row[name]) for name in ("from", "until"))
    events = "\r\n".join(f"BEGIN:VEVENT\r\nUID:1\r\n{chr(10).join(event)}\r\nEND:VEVENT" for event in row["events"])
    calendar = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}\r\nEND:VCALENDAR\r\n")
    around = timedelta(days=2)
    found = recurring_ical_events.of(calendar).between(start - around, end + around)
    spans = sorted((moment(one.start, zone), moment(one.end, zone)) for one in found if not is_free(one))
    merged = []
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return [[f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in span] for span in merged]


def judge(report):
    """Adds to a report of judge.py what the library makes of each row."""
    for row in json.loads(TABLE.read_text()):
        report.same(f"a series: {row['name']}", row["busy"], busy(row))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    rows, wrong = json.loads(TABLE.read_text()), 0
    writes = options.parse_args().write
    for row in rows:
        found = busy(row)
        if writes and "busy" not in row:
            row["busy"] = found
        if row.get("busy") != found:
            wrong += 1
            print(f"{row['name']}: the table has {row.get('busy')}, and the library {found}")
    if writes:
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
        TABLE.write_text(f"[\n{lines}\n]\n")
    print(f"{len(rows)} rows, {wrong} of them otherwise")
    sys.exit(min(wrong, 1))


if __name__ == "__main__":
    main()
