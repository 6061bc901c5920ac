"""Real servers of Janji on a PostgreSQL that is thrown away, and a clinic in it."""

import atexit
import http.client
import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse

import psycopg

# As long as a debug build takes on a busy machine.
STARTED_WITHIN = 90


# Below those that the system gives to connections: who is given one of these is the only one.
_ports = iter(range(20_000 + os.getpid() % 1_000 * 10, 32_000))


def free_port():
    """A port that is free, and is given to nobody else."""
    for port in _ports:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def wait_for(what, is_so, seconds=30.0, pause=0.02):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = is_so()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")


class Database:
    """A database of its own in the PostgreSQL of DATABASE_URL."""

    def __init__(self, name):
        self.url = os.environ["DATABASE_URL"]
        self.name = name
        with psycopg.connect(self.address(name="janji"), autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")
            connection.execute(f"create database {name}")

    def address(self, name=None, user=None):
        parts = urllib.parse.urlsplit(self.url)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if user:
            query["user"] = user
        return f"postgres:///{name or self.name}?{urllib.parse.urlencode(query)}"

    def connect(self, autocommit=True):
        return psycopg.connect(self.address(), autocommit=autocommit)

    def sql(self, statement, *values):
        with self.connect() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement, *values):
        return self.sql(statement, *values)[0][0]

    def add_role(self, name):
        """A role of its own, by which PostgreSQL tells one server from another."""
        exists = self.sql("select 1 from pg_roles where rolname = %s", name)
        if not exists:
            self.sql(f"create role {name} superuser login")

    def seed(self):
        """A clinic that is open around the clock, and whose times are booked at once."""
        self.sql(
            """
            insert into clinics (name, address, city, phone, time_zone)
            values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC');
            insert into services
                (key, name, mode, duration_minutes, buffer_before_minutes, buffer_after_minutes,
                 slot_interval_minutes, horizon_days, cutoff_minutes, instant)
            values ('instant', 'Vaccination', 'in_person', 30, 0, 0, 30, 700, 0, true);
            insert into staff (role, name, email, password_hash)
            select 'doctor', 'Dr ' || number, 'doctor' || number || '@judge.example', 'none'
            from generate_series(1, 4) as number order by number;
            insert into doctors (staff_id, name, speciality)
            select id, name, 'General practice' from staff where role = 'doctor' order by id;
            insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services;
            insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
            select doctors.id, clinics.id, weekday, 0, 1440
            from doctors, clinics, generate_series(1, 7) as weekday;
            """
        )


# Whoever ends this in the middle leaves no server behind.
_processes = []
atexit.register(lambda: [process.kill() for process in _processes if process.poll() is None])


class Server:
    """A process of Janji that serves."""

    LIMITS = (
        "OTP_PER_PHONE OTP_PER_ADDRESS OTP_OVERALL OTP_PER_PREFIX SIGN_INS OPEN_REQUESTS OPEN_APPOINTMENTS "
        "PHONES_PER_STAFF HOLDS_PER_ADDRESS SESSIONS_PER_ADDRESS CONNECTIONS_PER_ADDRESS MESSAGES_PER_RECIPIENT SMS_PER_DAY"
    ).split()

    def __init__(self, program, folder, name, database, user=None, **settings):
        self.program, self.folder, self.name = program, folder, name
        self.port = free_port()
        self.user = user
        # Of what is around, only what a program needs: nobody's configuration is for this one.
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {f"JANJI_{name}": "0" for name in self.LIMITS}
        self.environment |= {
            "DATABASE_URL": database.address(user=user),
            "JANJI_ADDR": f"127.0.0.1:{self.port}",
            "JANJI_PUBLIC_URL": "https://clinic.example",
            "JANJI_LOCK_TIMEOUT_MS": "20000",
            "JANJI_SMTP_HOST": "127.0.0.1",
            "JANJI_MAIL_FROM": "Clinic <hello@clinic.example>",
        }
        self.environment |= {f"JANJI_{name.upper()}": str(value) for name, value in settings.items()}
        self.log = os.path.join(folder, f"{name}.log")
        self.process = None

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [self.program, "serve"],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        _processes.append(self.process)
        return self

    def ready(self):
        def is_there():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} did not start: {self.last_words()}")
            try:
                return self.ask("GET", "/healthz")[0] == 200
            except OSError:
                return False

        wait_for(f"the start of {self.name}", is_there, STARTED_WITHIN, 0.05)
        return self

    def last_words(self):
        with open(self.log) as log:
            return (log.read().splitlines() or [""])[-1]

    def kill(self):
        """What a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def run(self, *arguments, text=b""):
        """Runs another command of the program with the configuration of this server."""
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            cwd=self.folder,
            input=text,
            capture_output=True,
            timeout=60,
        )

    def ask(self, method, path, body=None, headers=None):
        """Sends one request; its status and what was answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def call(self, method, path, body=None, token=None, status=None):
        """A call of the API: its data."""
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        got, text = self.ask(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, headers)
        assert got in (status or (200, 201, 202)), f"{method} {path}: {got} {text}"
        return json.loads(text).get("data")

    def metrics(self, name):
        """The sum of the series of this name."""
        lines = self.ask("GET", "/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)
