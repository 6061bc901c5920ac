"""Three servers and one PostgreSQL: kill -9 in the worst moments of sending, and a provider that is away for an hour."""

import re
import statistics
import time

from clinic import Server, free_port, wait_for
from counterparts import Gateway, MailServer
from mails import sign_in

LEASE = 3 * 60


class Fleet:
    """Servers on one database, each with a gateway and a mail server of its own: so it is known who sends what."""

    def __init__(self, program, folder, database, count=3, delay=0.01):
        self.database = database
        self.gateways = [Gateway(free_port(), delay) for _ in range(count)]
        self.mail_servers = [MailServer(free_port(), delay) for _ in range(count)]
        self.servers = []
        for number, (gateway, mail_server) in enumerate(zip(self.gateways, self.mail_servers)):
            database.add_role(f"janji_server_{number}")
            self.servers.append(
                Server(
                    program,
                    folder,
                    f"fleet-{number}",
                    database,
                    user=f"janji_server_{number}",
                    sms="http",
                    sms_url=f"http://127.0.0.1:{gateway.port}/send",
                    smtp_port=mail_server.port,
                    shutdown_pause=0,
                )
            )

    def start(self):
        self.servers[0].start().ready()
        for server in self.servers[1:]:
            server.start()
        for server in self.servers[1:]:
            server.ready()

    def stop(self):
        for server in self.servers:
            server.stop()
        for provider in self.providers():
            provider.release()

    def providers(self, number=None):
        if number is None:
            return self.gateways + self.mail_servers
        return [self.gateways[number], self.mail_servers[number]]

    def forget(self):
        for provider in self.providers():
            provider.forget()

    def put_out(self, count):
        """So many messages that are due, half of them to phones and half by e-mail. Their ids."""
        rows = self.database.sql(
            """insert into messages (kind, channel, recipient, subject, body, due_at, not_after)
               select case number %% 2 when 0 then 'day_cancelled' else 'account' end,
                      case number %% 2 when 0 then 'sms' else 'email' end,
                      case number %% 2 when 0 then '+62812' || 1000000 + number else 'p' || number || '@patient.example' end,
                      'Subject', 'Text', now(), now() + interval '1 day'
               from generate_series(1, %s) as number returning id""",
            count,
        )
        return [id for (id,) in rows]

    def arrived(self, number=None):
        """The ids of the messages that providers have got, each as often as it came, with its name."""
        return [(id_of(arrival.name), arrival.name) for provider in self.providers(number) for arrival in provider.list()]

    def flying(self, number):
        return {id_of(name) for provider in self.providers(number) for name in provider.flying()}

    def states(self, ids):
        return dict(self.database.sql("select state, count(*) from messages where id = any(%s) group by 1", ids))

    def all_sent(self, ids, seconds=60):
        wait_for(
            "the last message to be sent",
            lambda: self.states(ids) == {"sent": len(ids)},
            seconds,
            0.1,
        )


def id_of(name):
    """The id in the name of a message, which a mail has in its Message-ID."""
    return int(re.match(r"<?(\d+)\.", name)[1])


def times_of(arrivals):
    times, names = {}, {}
    for id, name in arrivals:
        times[id] = times.get(id, 0) + 1
        names.setdefault(id, set()).add(name)
    return times, names


def without_faults(report, fleet, count):
    fleet.forget()
    ids = fleet.put_out(count)
    fleet.all_sent(ids)
    times, _ = times_of(fleet.arrived())
    report.same(f"without faults, {count} messages arrive", sorted(times), sorted(ids))
    report.same("each once", [id for id, seen in times.items() if seen != 1], [])
    shares = [len(fleet.arrived(number)) for number in range(len(fleet.servers))]
    report.fact("all servers send", all(shares), shares)


def killed(report, fleet, count, waits):
    """Kills one server in the middle of a claim, one while it sends, and one before it writes down what became of it."""
    database, servers = fleet.database, fleet.servers
    fleet.forget()
    # Those of the second and the third answer nothing, so that some messages are in flight there when their time comes.
    for provider in fleet.providers(1) + fleet.providers(2):
        provider.hold()

    # In the claim: what is claimed cannot be put into words yet, since nobody may read whom nothing is sent to.
    trap = database.connect(autocommit=False)
    trap.execute("lock table message_stops in access exclusive mode")
    ids = fleet.put_out(count)

    def waiting(number, what):
        return database.one(
            """select count(*) from pg_stat_activity
               where usename = %s and wait_event_type = 'Lock' and query like %s""",
            f"janji_server_{number}",
            what,
        )

    wait_for("claims of all servers", lambda: all(waiting(number, "%message_stops%") >= 2 for number in range(3)), 20)
    claimed = fleet.states(ids).get("claimed", 0)
    servers[0].kill()
    trap.rollback()
    trap.close()
    report.fact("the first server died with what it had claimed", claimed >= 6 and not fleet.flying(0), claimed)

    # While it sends: the provider has it all, and has not answered.
    wait_for("messages in flight", lambda: all(provider.flying() for provider in fleet.providers(1)), 20)
    servers[1].kill()
    # What it had sent when it died is read to its end.
    time.sleep(0.5)
    in_flight = fleet.flying(1)
    for provider in fleet.providers(1):
        provider.release()
    report.fact("the second server died while it sent", len(in_flight) >= 2, in_flight)

    # Before the result is written: the provider has answered, and the row cannot be written to.
    wait_for("messages in flight", lambda: all(provider.flying() for provider in fleet.providers(2)), 20)
    # A worker has eight at a time, and takes no more before they are over.
    time.sleep(0.5)
    unwritten = fleet.flying(2)
    trap = database.connect(autocommit=False)
    trap.execute("select from messages where id = any(%s) order by id for update", [list(unwritten)])
    for provider in fleet.providers(2):
        provider.release()
    wait_for("results that cannot be written", lambda: waiting(2, "%update messages%"), 20)
    servers[2].kill()
    trap.rollback()
    trap.close()
    report.fact("the third server died before it wrote down what it had sent", len(unwritten) >= 2, unwritten)

    for server in servers:
        server.start()
    for server in servers:
        server.ready()
    # What the living have, they send.
    wait_for("the rest to be sent", lambda: not fleet.states(ids).get("due"), 60, 0.1)
    time.sleep(1)
    left = fleet.states(ids).get("claimed", 0)
    report.fact("what the dead had is left to them until their lease ends", left >= 6, fleet.states(ids))
    if not waits:
        # Three minutes pass.
        database.sql("update messages set claimed_until = now() where state = 'claimed' and id = any(%s)", ids)
    fleet.all_sent(ids, LEASE + 60)

    times, names = times_of(fleet.arrived())
    report.same("every message arrives at least once", sorted(times), sorted(ids))
    twice = {id for id, seen in times.items() if seen > 1}
    report.same("twice comes only what was in flight", sorted(twice - in_flight - unwritten), [])
    report.same("and no more often", [id for id, seen in times.items() if seen > 2], [])
    report.same("under one name", [id for id, seen in names.items() if len(seen) != 1], [])
    report.fact("what was in flight is sent again", in_flight <= twice, in_flight - twice)
    report.same("rows and providers agree", database.one("select count(*) from messages where id = any(%s) and sent_at is not null", ids), count)


def torn(report, fleet, count, rng):
    """Kills servers at any moment, one after the other, while messages leave."""
    fleet.forget()
    for provider in fleet.providers():
        provider.delay = 0.05
    ids = fleet.put_out(count)
    in_flight = set()
    for round in range(6):
        time.sleep(rng.uniform(0.3, 2.5))
        number = rng.randrange(len(fleet.servers))
        before = fleet.flying(number)
        fleet.servers[number].kill()
        # What came while it was being killed is in flight, too; the last answers may not have been written down.
        sent = {id_of(arrival.name) for provider in fleet.providers(number) for arrival in provider.list()}
        written = {id for (id,) in fleet.database.sql("select id from messages where id = any(%s) and state = 'sent'", ids)}
        in_flight |= before | (sent - written)
        fleet.servers[number].start().ready()
    fleet.all_sent(ids, LEASE * 2 + 120)
    times, names = times_of(fleet.arrived())
    report.same("every message arrives at least once", sorted(times), sorted(ids))
    twice = {id for id, seen in times.items() if seen > 1}
    report.same("twice comes only what was in flight", sorted(twice - in_flight), [])
    report.same("under one name", [id for id, seen in names.items() if len(seen) != 1], [])
    for provider in fleet.providers():
        provider.delay = 0.01


def book(server, token, slot):
    since = time.monotonic()
    order = {"doctor_id": slot[0], "scheduled_at": slot[1], "type": "instant", "reason": "A cough"}
    server.call("POST", "appointments", order, token)
    return time.monotonic() - since


def outage(report, fleet, backlog, bookings):
    """Providers that refuse for an hour: bookings are as quick as ever, and afterwards all leaves in order, codes first."""
    database, servers = fleet.database, fleet.servers
    fleet.forget()
    token, seconds = sign_in(servers[0], fleet.gateways[0], "+6281255500009", "Dewi")
    report.fact("a code is at the gateway at once", seconds < 4, seconds)
    slots = []
    for doctor in (1, 2, 3, 4):
        free = servers[0].call("GET", f"doctors/{doctor}/slots?service=instant")
        slots += [(doctor, slot["starts_at"]) for slot in free]
    # Nobody is at two places at once.
    slots = list({start: (doctor, start) for doctor, start in slots}.values())[-(2 * bookings + 10):]
    for slot in slots[:10]:
        book(servers[0], token, slot)
    usual = [book(servers[0], token, slot) for slot in slots[10:10 + bookings]]

    for provider in fleet.providers():
        provider.stop()
    ids = fleet.put_out(backlog)
    tried = lambda times: database.one(
        "select bool_and(attempts >= %s and state = 'due') from messages where id = any(%s)", times, ids
    )
    meanwhile = [book(servers[0], token, slot) for slot in slots[10 + bookings:]]
    report.fact(
        "a booking takes as long as ever while nothing leaves",
        statistics.median(meanwhile) <= 2 * statistics.median(usual) + 0.05,
        f"{statistics.median(usual) * 1000:.0f} ms, then {statistics.median(meanwhile) * 1000:.0f} ms",
    )
    report.fact("and none waits for a provider", max(meanwhile) < 5, max(meanwhile))
    wait_for("first attempts", lambda: tried(1), 30)
    # The hour passes: after one minute, after five and after fifteen all are tried again, and then there is most of it left.
    def pass_by(minutes):
        database.sql(
            "update messages set due_at = due_at - make_interval(mins => %s) where state = 'due' and id = any(%s)",
            minutes,
            ids,
        )

    for times, minutes in ((2, 1), (3, 5), (4, 15)):
        pass_by(minutes)
        wait_for(f"attempt {times}", lambda: tried(times), 30)
    pass_by(60)
    order = {
        id: place
        for place, (id,) in enumerate(
            database.sql("select id from messages where id = any(%s) order by channel, due_at, id", ids)
        )
    }
    for provider in fleet.providers():
        provider.delay = 0.5
        provider.start()
    wait_for("the first of the backlog", lambda: any(provider.list() for provider in fleet.providers()), 20)
    codes = {}
    for number in range(9):
        phone = f"+62812555100{number:02}"
        since = time.monotonic()
        servers[number % 3].call("POST", "auth/otp", {"phone": phone})
        gateway = fleet.gateways[number % 3]
        arrival = wait_for("a code during the backlog", lambda: any_to(fleet, phone), 10)
        codes[phone] = arrival.at - since
    states = fleet.states(ids)
    # The median: all of this shares two cores.
    report.fact("codes are at the gateway within a second", statistics.median(codes.values()) < 1, codes)
    report.fact("none waits behind a backlog", max(codes.values()) < 4, codes)
    report.fact("which was still there when they had arrived", states != {"sent": len(ids)}, states)
    fleet.all_sent(ids, 90)
    times, _ = times_of(fleet.arrived())
    report.same("each of the backlog arrives once", sorted(times.get(id, 0) for id in ids), [1] * len(ids))
    for name, providers in (("to phones", fleet.gateways), ("by e-mail", fleet.mail_servers)):
        came = sorted(
            (arrival.at, id_of(arrival.name)) for provider in providers for arrival in provider.list()
        )
        places = [order[id] for _, id in came if id in order]
        base = min(places)
        # Three servers have eight at a time.
        late = max(abs(place - base - at) for at, place in enumerate(places))
        report.fact(f"the backlog {name} leaves in order", late <= 48, late)


def any_to(fleet, recipient):
    found = [arrival for gateway in fleet.gateways for arrival in gateway.to(recipient)]
    return found[0] if found else None
