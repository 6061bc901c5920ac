"""Kills the primary of a Patroni cluster under load, and holds the database to every answer (script/failover)."""

import argparse
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

HERE = "127.0.0.1"
NODES = 3
# Patroni's smallest: for so long a primary that is not heard of stays the primary.
TTL = 20
# What Janji may take beyond the cluster itself.
GRACE = 5
PASSWORD = "correct horse battery"


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as one:
        one.bind((HERE, 0))
        return one.getsockname()[1]


def get(url, timeout=2):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return json.loads(answer.read())


def wait_for(what, is_so, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            found = is_so()
            if found:
                return found
        except (OSError, ValueError, psycopg.Error):
            pass
        time.sleep(0.2)
    raise SystemExit(f"failover: {what} did not come within {seconds} s")


class Processes:
    """What was started, and is ended with us: each in a session of its own."""

    def __init__(self, folder, user):
        self.folder, self.user, self.all = folder, user, []

    def start(self, name, command, env=None, as_root=False):
        log = open(self.folder / f"{name}.log", "ab")
        extra = {}
        if self.user and not as_root:
            extra = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        one = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, **extra,
        )
        self.all.append(one)
        return one

    def end(self):
        for one in reversed(self.all):
            if one.poll() is None:
                one.terminate()
        for one in reversed(self.all):
            try:
                one.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(one.pid, signal.SIGKILL)


class Node:
    def __init__(self, cluster, number):
        self.name, self.port, self.api = f"node{number}", free_port(), free_port()
        self.data = cluster.folder / self.name
        self.config = cluster.folder / f"{self.name}.json"
        self.process = None
        settings = {
            "scope": "janji", "name": self.name,
            "restapi": {"listen": f"{HERE}:{self.api}", "connect_address": f"{HERE}:{self.api}"},
            "etcd3": {"host": f"{HERE}:{cluster.etcd_port}"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL, "loop_wait": 5, "retry_timeout": 5, "maximum_lag_on_failover": 0,
                    "synchronous_mode": True, "synchronous_mode_strict": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100, "synchronous_commit": "on"}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{HERE}:{self.port}", "connect_address": f"{HERE}:{self.port}", "data_dir": str(self.data),
                "bin_dir": cluster.postgres, "pgpass": str(cluster.folder / f"{self.name}.pgpass"),
                "pg_hba": [f"host all all {HERE}/32 trust", f"host replication all {HERE}/32 trust", "local all all trust"],
                "authentication": {"superuser": {"username": "janji"}, "replication": {"username": "janji"},
                                   "rewind": {"username": "janji"}},
                "parameters": {"unix_socket_directories": str(cluster.folder)},
            },
        }
        # JSON is YAML.
        self.config.write_text(json.dumps(settings))

    def start(self, cluster):
        patroni = Path(sys.executable).parent / "patroni"
        self.process = cluster.processes.start(self.name, [str(patroni), str(self.config)])

    def kill(self):
        """Ends Patroni and every process of its PostgreSQL at once, as when the machine is gone."""
        os.kill(self.process.pid, signal.SIGKILL)
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.readlink(entry / "cwd") == str(self.data):
                    os.kill(int(entry.name), signal.SIGKILL)
            except (FileNotFoundError, PermissionError, ProcessLookupError):
                pass

    def url(self, database="janji"):
        return f"postgres://janji@{HERE}:{self.port}/{database}"


class Cluster:
    def __init__(self, folder, postgres, processes):
        self.folder, self.postgres, self.processes = folder, postgres, processes
        self.etcd_port = free_port()
        peer = free_port()
        binary = Path(sys.executable).parent / "etcd"
        processes.start("etcd", [
            str(binary), "--data-dir", str(folder / "etcd"),
            "--listen-client-urls", f"http://{HERE}:{self.etcd_port}", "--advertise-client-urls", f"http://{HERE}:{self.etcd_port}",
            "--listen-peer-urls", f"http://{HERE}:{peer}", "--initial-advertise-peer-urls", f"http://{HERE}:{peer}",
            "--initial-cluster", f"default=http://{HERE}:{peer}",
        ])
        wait_for("etcd", lambda: get(f"http://{HERE}:{self.etcd_port}/health")["health"] == "true", 30)
        self.nodes = [Node(self, number) for number in range(1, NODES + 1)]
        for node in self.nodes:
            node.start(self)
        wait_for("the cluster", self.is_whole, 180)

    def members(self):
        for node in self.nodes:
            try:
                return get(f"http://{HERE}:{node.api}/cluster")["members"]
            except OSError:
                continue
        return []

    def is_whole(self):
        roles = [member["role"] for member in self.members() if member["state"] in ("running", "streaming")]
        return len(roles) == NODES and "leader" in roles and "sync_standby" in roles

    def leader(self):
        for member in self.members():
            if member["role"] == "leader" and member["state"] == "running":
                return next(node for node in self.nodes if node.name == member["name"])
        return None

    def url(self):
        hosts = ",".join(f"{HERE}:{node.port}" for node in self.nodes)
        return f"postgres://janji@{hosts}/janji?target_session_attrs=read-write"


def haproxy(cluster, port):
    lines = [
        "defaults", "  mode tcp", "  timeout connect 4s", "  timeout client 30m", "  timeout server 30m", "  timeout check 2s",
        "listen primary", f"  bind {HERE}:{port}", "  option httpchk OPTIONS /primary", "  http-check expect status 200",
        "  default-server inter 1s fall 3 rise 1 on-marked-down shutdown-sessions",
    ]
    lines += [f"  server {node.name} {HERE}:{node.port} check port {node.api}" for node in cluster.nodes]
    config = cluster.folder / "haproxy.cfg"
    config.write_text("\n".join(lines) + "\n")
    cluster.processes.start("haproxy", [shutil.which("haproxy"), "-db", "-f", str(config)])
    return f"postgres://janji@{HERE}:{port}/janji"


def pgbouncers(cluster):
    """One in front of each node, as where each machine has its own."""
    hosts = []
    for node in cluster.nodes:
        port = free_port()
        config = cluster.folder / f"{node.name}.ini"
        config.write_text("\n".join([
            "[databases]", f"janji = host={HERE} port={node.port} user=janji", "[pgbouncer]", f"listen_addr = {HERE}",
            f"listen_port = {port}",
            "unix_socket_dir =", "auth_type = any", "pool_mode = transaction", "default_pool_size = 20", "max_client_conn = 300",
            "server_login_retry = 1", "ignore_startup_parameters = extra_float_digits", "",
        ]))
        cluster.processes.start(f"pgbouncer-{node.name}", [shutil.which("pgbouncer"), str(config)])
        hosts.append(f"{HERE}:{port}")
    return f"postgres://janji@{','.join(hosts)}/janji"


SEED = """
insert into clinics (name, address, city, phone, time_zone) values ('Clinic', 'Street 1', 'Town', '+1 555 0100', 'UTC');
insert into services (key, name, mode, duration_minutes, slot_interval_minutes, horizon_days, cutoff_minutes, instant)
    values ('visit', 'Visit', 'in_person', 30, 30, 700, 0, false);
insert into staff (role, name, email, password_hash)
    select 'doctor', 'Dr ' || number, 'doctor' || number || '@load.example', 'x' from generate_series(1, {clients}) as number;
insert into doctors (staff_id, name, speciality) select id, name, 'General practice' from staff where role = 'doctor' order by id;
insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services;
insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
    select doctors.id, clinics.id, weekday, 0, 1440 from doctors, clinics, generate_series(1, 7) as weekday;
insert into patients (phone, name) select '+62812555' || lpad(number::text, 5, '0'), 'Patient ' || number
    from generate_series(1, {clients}) as number order by number;
"""


class Janji:
    def __init__(self, program, url, direct, processes, folder):
        self.program, self.port = program, free_port()
        self.env = {
            "DATABASE_URL": url, "JANJI_ADDR": f"{HERE}:{self.port}", "JANJI_DATA_DIR": str(folder / "janji"),
            "JANJI_PHONES_PER_STAFF": "0", "JANJI_SIGN_INS": "0", "JANJI_REQUESTS_PER_TOKEN": "0",
            "JANJI_CONNECTIONS_PER_ADDRESS": "0",
        }
        if direct:
            self.env["JANJI_DATABASE_DIRECT_URL"] = direct
        self.processes = processes

    def run(self, *arguments, **env):
        return subprocess.run([self.program, *arguments], env={**os.environ, **self.env, **env}, cwd="/", check=False)

    def serve(self):
        self.processes.start("janji", [self.program, "serve"], env=self.env, as_root=True)
        wait_for("Janji", lambda: urllib.request.urlopen(f"http://{HERE}:{self.port}/readyz", timeout=2).status == 200, 60)

    def post(self, path, body, token=None, key=None):
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if key:
            headers["idempotency-key"] = key
        request = urllib.request.Request(
            f"http://{HERE}:{self.port}/api/v1{path}", data=json.dumps(body).encode(), headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["data"]


class Load:
    """Clients, each of whom books one time after the other at a doctor of their own, and asks again with the same key."""

    def __init__(self, janji, token, patients, first):
        self.janji, self.token, self.patients, self.first = janji, token, patients, first
        self.lock, self.answered, self.slowest, self.refused, self.unavailable = threading.Lock(), {}, 0.0, {}, 0
        self.times, self.is_over = [], threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(number,), daemon=True) for number in range(1, len(patients) + 1)]
        for thread in self.threads:
            thread.start()

    def work(self, client):
        number = 0
        while not self.is_over.is_set():
            key = f"{client:04d}-{number:06d}-failover"
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.first + 1800 * number))
            body = {"doctor_id": client, "patient_id": self.patients[client - 1], "scheduled_at": at, "type": "visit", "reason": key,
                    "exceed_limit": True}
            while True:
                began = time.monotonic()
                try:
                    made = self.janji.post("/appointments", body, self.token, key)
                    with self.lock:
                        self.answered[key] = made["id"]
                        self.times.append(time.monotonic())
                    break
                except urllib.error.HTTPError as error:
                    with self.lock:
                        self.slowest = max(self.slowest, time.monotonic() - began)
                    if error.code not in (429, 500, 503, 504):
                        with self.lock:
                            self.refused[key] = f"{error.code} {error.read()[:200]!r}"
                        break
                    with self.lock:
                        self.unavailable += 1
                except (OSError, ValueError):
                    with self.lock:
                        self.slowest = max(self.slowest, time.monotonic() - began)
                if self.is_over.is_set():
                    return
                time.sleep(0.2)
            number += 1

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(40)


def judge(load, leader, killed_at, janji):
    with psycopg.connect(leader.url()) as connection:
        rows = connection.execute("select reason, count(*), min(id) from appointments group by reason").fetchall()
        twice_at_once = connection.execute(
            "select count(*) from (select doctor_id, starts_at from appointments where occupies group by 1, 2 having count(*) > 1) t"
            if has_occupies(connection) else
            "select count(*) from (select doctor_id, starts_at from appointments group by 1, 2 having count(*) > 1) t"
        ).fetchone()[0]
    found = {reason: (count, first) for reason, count, first in rows}
    lost = [key for key, made in load.answered.items() if found.get(key, (0, None))[1] != made]
    twice = [key for key, (count, _) in found.items() if count > 1]
    after = [at for at in load.times if at > killed_at]
    outage = max((b - a for a, b in zip([killed_at, *after], after)), default=float("inf"))
    is_sound = janji.run("verify").returncode == 0
    say(f"answered {len(load.answered)}, of them {len(after)} after the primary was killed; asked again {load.unavailable} times")
    say(f"lost {len(lost)}, twice {len(twice)}, at one time {twice_at_once}, refused {len(load.refused)}; verify {'0' if is_sound else 'BROKEN'}")
    say(f"outage {outage:.1f} s (the cluster's own ttl is {TTL} s); slowest refusal {load.slowest:.1f} s")
    for key, why in list(load.refused.items())[:3]:
        say(f"  refused {key}: {why}")
    return not lost and not twice and not twice_at_once and not load.refused and is_sound and outage <= TTL + GRACE


def has_occupies(connection):
    return connection.execute(
        "select exists (select from pg_attribute where attrelid = 'appointments'::regclass and attname = 'occupies')"
    ).fetchone()[0]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--postgres", required=True)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--seconds", type=int, default=10, help="of load before the kill, and after the recovery")
    options.add_argument("--haproxy", action="store_true")
    options.add_argument("--pgbouncer", action="store_true")
    options.add_argument("--cluster", action="store_true")
    options = options.parse_args()

    # Whoever ends us ends what we have started.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit(130))
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="janji-failover-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
    processes = Processes(folder, user)
    is_well = False
    try:
        cluster = Cluster(folder, options.postgres, processes)
        leader = cluster.leader()
        with psycopg.connect(leader.url("postgres"), autocommit=True) as connection:
            connection.execute("create database janji")
        say(f"{cluster.url()}  ({leader.name} is the primary)")
        if options.cluster:
            is_well = True
            signal.pause()
        url, direct = cluster.url(), None
        if options.haproxy:
            url = haproxy(cluster, free_port())
            time.sleep(3)
        elif options.pgbouncer:
            url, direct = pgbouncers(cluster), cluster.url()
            time.sleep(1)
        janji = Janji(os.environ["JANJI_PROGRAM"], url, direct, processes, folder)
        if janji.run("migrate").returncode != 0:
            return 2
        with psycopg.connect(leader.url()) as connection:
            connection.execute(SEED.format(clients=options.clients))
            # Their numbers are no count.
            patients = [row[0] for row in connection.execute("select id from patients order by phone")]
        janji.run("admin", "--email", "admin@load.example", "--name", "Admin", JANJI_ADMIN_PASSWORD=PASSWORD)
        janji.serve()
        token = janji.post("/auth/login", {"email": "admin@load.example", "password": PASSWORD})["token"]
        first = (int(time.time()) // 86400 + 1) * 86400
        load = Load(janji, token, patients, first)
        time.sleep(options.seconds)
        if not load.answered:
            load.end()
            raise SystemExit(f"failover: nobody could book: {next(iter(load.refused.values()), 'no answer')}")
        say(f"killing {leader.name} after {len(load.answered)} bookings")
        killed_at = time.monotonic()
        leader.kill()
        new = wait_for("another primary", lambda: (one := cluster.leader()) and one is not leader and one, 3 * TTL)
        say(f"{new.name} is the primary after {time.monotonic() - killed_at:.1f} s, by Patroni")
        wait_for("a booking", lambda: load.times and load.times[-1] > killed_at + 1, 3 * TTL)
        time.sleep(options.seconds)
        load.end()
        is_well = judge(load, new, killed_at, janji)
        return 0 if is_well else 1
    finally:
        processes.end()
        if is_well:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"the logs are in {folder}")


if __name__ == "__main__":
    sys.exit(main())
