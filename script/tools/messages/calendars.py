"""Calendars elsewhere: Janji beside Radicale and xandikos, with changes on both sides, answers that are lost, and servers that die."""

import base64
import http.client
import http.server
import os
import random
import re
import subprocess
import sys
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from pathlib import Path

import icalendar
from clinic import Database, Server, free_port, wait_for

USER, PASSWORD = "sari", "secret"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

# Of "correct horse battery".
HASH = (
    "$argon2id$v=19$m=47104,t=1,p=1$SCV3WJZx7Ec/vbjnz5rJQg"
    "$Dd2XjBhT6Xj+zfgrCBlJTmkkvuVUEvmmrpEmEWkFWXo"
)
STAFF_PASSWORD = "correct horse battery"

PAGE = "/doctor/calendars"

# The calendars that are read beside the one that is written.
OTHERS = 5


class Lossy(http.server.ThreadingHTTPServer):
    """Stands before a server, and loses some of its answers: what was asked is done all the same."""

    daemon_threads = True

    def __init__(self, to, rng):
        self.to, self.rng = to, rng
        self.rate = 0.0
        self.lost = 0
        self.requests = []
        super().__init__(("127.0.0.1", 0), _Passing)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, request, client_address):
        """Whoever hangs up is no news."""


class _Passing(http.server.BaseHTTPRequestHandler):
    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.requests.append(f"{self.command} {self.path}")
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        status, answered, text = send(self.server.to, self.command, self.path, body, headers)
        if self.server.rng.random() < self.server.rate:
            self.server.lost += 1
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name, value in answered:
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = pass_on

    def log_message(self, *_):
        """Nothing is logged."""


def send(port, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"authorization": BASIC} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


class Elsewhere:
    """A server of calendars, as a program of its user sees it."""

    def __init__(self, name, folder):
        self.name = name
        self.port = free_port()
        self.folder = Path(folder) / f"calendars-{name}"
        self.folder.mkdir()
        self.process = None

    def start(self):
        log = open(self.folder / "log", "a")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        wait_for(f"the start of {self.name}", self.is_there, 60)
        return self

    def is_there(self):
        try:
            return send(self.port, "PROPFIND", "/", headers={"depth": "0"})[0] < 500
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()

    @property
    def others(self):
        """Calendars beside the first one, in which its user is busy."""
        home = self.calendar.rstrip("/").rpartition("/")[0]
        return [f"{home}/other{number}/" for number in range(OTHERS)]

    def make_others(self):
        for path in self.others:
            status = send(self.port, "MKCALENDAR", path)[0]
            assert status in (200, 201), (self.name, path, status)

    def meet(self, path, start):
        """Writes an event of somebody else."""
        event = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:judge\r\nBEGIN:VEVENT\r\nUID:meeting\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT20M\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        status = send(self.port, "PUT", f"{path}meeting.ics", event.encode(), {"content-type": "text/calendar"})[0]
        assert status in (201, 204), (self.name, path, status)

    def entries(self):
        """What is in the calendar, by path: the ETag, and the entry."""
        body = (
            b'<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
            b'</D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
        )
        headers = {"depth": "1", "content-type": "application/xml"}
        status, _, text = send(self.port, "REPORT", self.calendar, body, headers)
        assert status == 207, (self.name, status, text)
        entries = {}
        for path in re.findall(r"<(?:\w+:)?href>([^<]+\.ics)</", text.decode()):
            status, answered, entry = send(self.port, "GET", path)
            if status == 200:
                etag = next(value for name, value in answered if name.lower() == "etag")
                entries[urllib.parse.unquote(path)] = (etag, icalendar.Calendar.from_ical(entry))
        return entries

    def own(self):
        """Our appointments there: reference and start."""
        events = [calendar.walk("VEVENT")[0] for _, calendar in self.entries().values()]
        return sorted((str(event["X-JANJI-APPOINTMENT"]), event.start.astimezone(timezone.utc)) for event in events)

    def drag(self, path, etag, calendar, start):
        event = calendar.walk("VEVENT")[0]
        length = event.end - event.start
        event.start, event.end = start, start + length
        headers = {"if-match": etag, "content-type": "text/calendar"}
        return send(self.port, "PUT", path, calendar.to_ical(), headers)[0] < 300

    def delete(self, path, etag):
        return send(self.port, "DELETE", path, headers={"if-match": etag})[0] < 300


class Radicale(Elsewhere):
    calendar = f"/{USER}/work/"

    def command(self):
        (self.folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        (self.folder / "config").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {self.folder}/users\n"
            f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {self.folder}/store\n"
        )
        return [sys.executable, "-m", "radicale", "--config", str(self.folder / "config")]

    def start(self):
        super().start()
        status = send(self.port, "MKCALENDAR", self.calendar)[0]
        # 405 and, of Radicale, 409: it is there.
        assert status in (201, 405, 409), status
        return self

    def forget_tokens(self):
        # It writes meanwhile, in folders that come and go, which `os.walk` passes over.
        for folder, _, names in os.walk(self.folder / "store"):
            if Path(folder).name == "sync-token":
                for name in names:
                    (Path(folder) / name).unlink(missing_ok=True)


class Xandikos(Elsewhere):
    calendar = f"/{USER}/calendars/calendar/"

    def command(self):
        return [
            str(Path(sys.executable).parent / "xandikos"), "serve", "-d", str(self.folder / "store"), "--defaults", "--autocreate",
            "--current-user-principal", f"/{USER}/", "-l", "127.0.0.1", "-p", str(self.port),
        ]

    def forget_tokens(self):
        """Its tokens are names of trees, which it always knows."""


class Doctor:
    """The first doctor, with a browser without JavaScript."""

    def __init__(self, server):
        self.server = server
        self.cookies = {}
        self.post("/staff/sign-in", "staff-sign-in", email="doctor1@judge.example", password=STAFF_PASSWORD, next="")

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        headers |= {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "accept": "text/html"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for value in answer.headers.get_all("set-cookie") or []:
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.split(";")[0]
            return answer.status, answer.headers.get("location", ""), answer.read().decode()
        finally:
            connection.close()

    def post(self, page, form, **fields):
        site = f"http://127.0.0.1:{self.server.port}"
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": site,
            "referer": site + page,
            "sec-fetch-site": "same-origin",
        }
        status, location, body = self.ask("POST", f"/form/{form}", urllib.parse.urlencode(fields), **headers)
        assert status in (302, 303) and "__err" not in location, (form, status, location, body[:300])

    def sync(self, account):
        self.post(PAGE, "sync-calendar", account=account)


class Clinic:
    """Janji, a doctor whose calendar is linked, and the desk."""

    def __init__(self, program, folder, elsewhere, rng):
        self.elsewhere, self.rng = elsewhere, rng
        self.database = Database(f"judge_{elsewhere.name}")
        self.lossy = Lossy(elsewhere.port, rng)
        self.server = Server(
            program, folder, elsewhere.name, self.database,
            secret_key="judge" * 8, caldav_private="true", smtp_host="", mail_from="", shutdown_pause=0,
        )
        self.account = None

    def start(self):
        self.server.start().ready()
        self.database.seed()
        self.database.sql("update staff set password_hash = %s", HASH)
        self.database.sql(
            "insert into staff (role, name, email, password_hash) values ('admin', 'Admin', 'admin@judge.example', %s)", HASH
        )
        self.patients = [
            self.database.one(
                "insert into patients (name, phone) values (%s, %s) returning id", f"Patient {number}", f"+62812555300{number:02}"
            )
            for number in range(20)
        ]
        self.sign_in()
        self.doctor.post(
            PAGE, "link-calendar", server=f"http://127.0.0.1:{self.lossy.port}/", user=USER, app_password=PASSWORD
        )
        self.account = self.database.one("select id from calendar_accounts")
        path = urllib.parse.unquote(self.elsewhere.calendar)
        written = self.database.one("select id from calendar_collections where href like %s", f"%{path}")
        others = self.database.sql("select id from calendar_collections where href like %s order by id", "%/other_/")
        assert len(others) == OTHERS, others
        busy = {f"busy[{index}]": id for index, (id,) in enumerate(others)}
        self.doctor.post(PAGE, "choose-calendars", account=self.account, written=written, **busy)
        free = self.server.call("GET", "doctors/1/slots?service=instant")
        self.starts = sorted(datetime.fromisoformat(slot["starts_at"].replace("Z", "+00:00")) for slot in free)[50:]

    def sign_in(self):
        self.doctor = Doctor(self.server)
        login = {"email": "admin@judge.example", "password": STAFF_PASSWORD}
        self.token = self.server.call("POST", "auth/login", login)["token"]

    def stop(self):
        self.server.stop()
        self.lossy.shutdown()

    def own(self):
        rows = self.database.sql(
            "select id, reference, starts_at, version from appointments"
            " where doctor_id = 1 and status in ('pending', 'confirmed') order by reference"
        )
        return rows

    def truth(self):
        return sorted((reference, start.astimezone(timezone.utc)) for _, reference, start, _ in self.own())

    def call(self, path, body):
        """A call of the desk, which may be refused: somebody was faster."""
        self.server.call("POST", path, body, self.token, status=(200, 201, 202, 409, 422))

    def book(self):
        order = {
            "doctor_id": 1, "scheduled_at": self.a_start(), "type": "instant", "patient_id": self.rng.choice(self.patients),
        }
        self.call("appointments", order)

    def a_start(self):
        return self.rng.choice(self.starts).isoformat().replace("+00:00", "Z")

    def step(self):
        """Something that somebody does here or there."""
        what = self.rng.random()
        own = self.own()
        if what < 0.3 or not own:
            return self.book()
        id, _, _, version = self.rng.choice(own)
        if what < 0.5:
            return self.call(f"appointments/{id}/reschedule", {"scheduled_at": self.a_start(), "version": version})
        if what < 0.6:
            return self.call(f"appointments/{id}/status", {"status": "cancelled", "reason": "Ill"})
        entries = list(self.elsewhere.entries().items())
        if not entries:
            return None
        path, (etag, calendar) = self.rng.choice(entries)
        if what < 0.85:
            return self.elsewhere.drag(path, etag, calendar, self.rng.choice(self.starts))
        return self.elsewhere.delete(path, etag)

    def answer_all(self):
        for id, kind in self.database.sql("select id, kind from calendar_questions where settled_at is null"):
            answer = "read" if kind != "deleted" else self.rng.choice(["keep", "cancel"])
            self.doctor.post(PAGE, "answer-calendar", question=id, answer=answer, reason="Ill")

    def is_quiet(self):
        return self.database.one(
            "select not exists (select from calendar_jobs)"
            " and not exists (select from calendar_accounts where claimed_by is not null or pull_at <= now() or failures > 0)"
        )

    def round(self):
        """Has the account looked at, and answers with what that asked."""
        before = len(self.lossy.requests)
        self.doctor.sync(self.account)
        wait_for("a round", self.is_quiet, 60)
        return self.lossy.requests[before:]

    def settle(self):
        """Lets it come to rest, with every question answered."""
        for _ in range(3):
            self.answer_all()
            self.doctor.sync(self.account)
            wait_for("rest", self.rest, 120, 0.2)

    def rest(self):
        if self.is_quiet():
            return True
        self.database.sql("update calendar_accounts set rest_until = null; update calendar_jobs set due_at = now()")
        return False


def both_ways(report, clinic, steps):
    """Random changes on both sides with lost answers end as one truth."""
    elsewhere, name = clinic.elsewhere, clinic.elsewhere.name
    for _ in range(10):
        clinic.book()
    clinic.settle()
    report.same(f"{name} has what is booked", elsewhere.own(), clinic.truth())
    clinic.lossy.rate = 0.05
    for step in range(steps):
        clinic.step()
        if step % 7 == 0:
            clinic.answer_all()
            clinic.doctor.sync(clinic.account)
        if step % 25 == 24:
            elsewhere.forget_tokens()
            clinic.settle()
    clinic.lossy.rate = 0.0
    clinic.settle()
    report.same(f"{name}: after {steps} changes both sides say the same", elsewhere.own(), clinic.truth())
    names = [name for name, _ in elsewhere.own()]
    report.same(f"{name}: none is there twice", len(names), len(set(names)))
    report.fact(f"{name}: answers were lost", clinic.lossy.lost > 0 or steps < 50, clinic.lossy.lost)
    asked = clinic.round()
    report.fact(f"{name}: a quiet round with {OTHERS + 1} calendars costs at most two requests", len(asked) <= 2, asked)
    for index, path in enumerate(elsewhere.others):
        # Before any time at which something is booked here.
        elsewhere.meet(path, clinic.starts[0].astimezone(timezone.utc) - timedelta(hours=1 + index))
        asked = clinic.round()
        read = clinic.database.one("select count(*) from external_busy")
        # One for all, what has changed in it, and the entry.
        report.same(f"{name}: a meeting in {path} is seen by three requests", (read, len(asked)), (index + 1, 3))
    report.fact(f"{name}: and then it is quiet again", len(asked := clinic.round()) <= 2, asked)


def killed(report, clinic):
    """kill -9 between writing and noting it."""
    elsewhere, name = clinic.elsewhere, clinic.elsewhere.name
    for _ in range(3):
        before = sum(request.startswith("PUT") for request in clinic.lossy.requests)
        for _ in range(3):
            clinic.book()
        wait_for(
            "something that is written",
            lambda: sum(request.startswith("PUT") for request in clinic.lossy.requests) > before,
            60,
            0.001,
        )
        clinic.server.kill()
        clinic.server.start().ready()
        # The lease of who died ends.
        clinic.database.sql("update calendar_accounts set claimed_until = now() where claimed_by is not null")
        clinic.sign_in()
        clinic.settle()
        report.same(f"{name}: after kill -9 both sides say the same", elsewhere.own(), clinic.truth())


def away(report, clinic):
    """A server of calendars that is away, and comes back."""
    elsewhere, name = clinic.elsewhere, clinic.elsewhere.name
    elsewhere.stop()
    for _ in range(5):
        clinic.book()
    clinic.doctor.sync(clinic.account)
    is_failing = lambda: clinic.database.one("select failures > 0 from calendar_accounts")
    wait_for("a failure", is_failing, 60)
    elsewhere.start()
    clinic.settle()
    report.same(f"{name}: after an outage both sides say the same", elsewhere.own(), clinic.truth())


def unlinked(report, clinic):
    clinic.doctor.post(PAGE, "unlink-calendar", account=clinic.account)

    def is_over():
        if clinic.database.one("select not exists (select from calendar_accounts)"):
            return True
        # The minute passes after which it is looked whether all is taken out.
        clinic.database.sql("update calendar_accounts set pull_at = now() where state = 'ending' and pull_at > now()")
        return False

    wait_for("the end of the account", is_over, 120, 0.2)
    report.same(f"{clinic.elsewhere.name}: unlinking takes ours out", clinic.elsewhere.own(), [])


def judge(report, program, folder, kind, steps):
    elsewhere = kind(kind.__name__.lower(), folder)
    elsewhere.start()
    elsewhere.make_others()
    clinic = Clinic(program, folder, elsewhere, random.Random(19))
    try:
        clinic.start()
        for part in (lambda: both_ways(report, clinic, steps), lambda: killed(report, clinic), lambda: away(report, clinic)):
            report.part(f"calendars of {elsewhere.name}", part)
        report.part(f"unlinking {elsewhere.name}", lambda: unlinked(report, clinic))
        found = clinic.server.run("verify")
        report.same(f"{elsewhere.name}: every rule holds", (found.returncode, found.stdout[-500:] if found.returncode else b""), (0, b""))
    finally:
        clinic.stop()
        if elsewhere.process.poll() is None:
            elsewhere.stop()
