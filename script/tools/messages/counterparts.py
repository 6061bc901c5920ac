"""Those to whom Janji sends: a mail server (aiosmtpd) and a gateway to phones, which answer as they are told."""

import asyncio
import email
import email.policy
import http.server
import json
import socket
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

# Nothing here waits for longer.
PATIENCE = 60


@dataclass
class Arrival:
    """Something that a provider has got whole."""

    name: str
    recipient: str
    text: str
    at: float
    sender: str = ""
    headers: dict = field(default_factory=dict)


class Provider:
    """What a provider has got, and whether it answers."""

    def __init__(self, delay=0.0):
        self.delay = delay
        self.arrivals = []
        # Got and not answered yet.
        self.in_flight = set()
        self.answers = threading.Event()
        self.answers.set()
        self.lock = threading.Lock()

    def hold(self):
        """Takes everything from now on, and answers nothing."""
        self.answers.clear()

    def release(self):
        self.answers.set()

    def got(self, arrival):
        with self.lock:
            self.arrivals.append(arrival)
            self.in_flight.add(arrival.name)

    def answered(self, arrival):
        with self.lock:
            self.in_flight.discard(arrival.name)

    def forget(self):
        with self.lock:
            self.arrivals.clear()
            self.in_flight.clear()

    def flying(self):
        with self.lock:
            return set(self.in_flight)

    def list(self):
        with self.lock:
            return list(self.arrivals)

    def to(self, recipient):
        return [arrival for arrival in self.list() if arrival.recipient == recipient]

    def counts(self):
        return Counter(arrival.name for arrival in self.list())


class _Session(SMTP):
    def connection_made(self, transport):
        super().connection_made(transport)
        self.event_handler.open.add(transport)

    def connection_lost(self, error):
        self.event_handler.open.discard(self.transport)
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self):
        return _Session(self.handler, hostname="mail.example", enable_SMTPUTF8=True)

    def _trigger_server(self):
        """Waits for the first greeting; by itself, it waits for a second, which a busy machine may take."""
        with socket.create_connection((self.hostname, self.port), PATIENCE) as connection:
            connection.recv(1024)


class MailServer(Provider):
    """aiosmtpd, which does with each recipient what the address says: `451@…` is told 451, `drop@…` is hung up on after the
    whole mail, `silent@…` is told nothing."""

    REFUSALS = {
        "421": "421 4.7.0 Too many connections, try again later",
        "451": "451 4.3.0 Greylisted, try again later",
        "550": "550 5.1.1 No such user here",
        "554": "554 5.7.1 Rejected by policy",
    }

    def __init__(self, port, delay=0.0):
        super().__init__(delay)
        self.port = port
        self.start()

    def start(self):
        self.open = set()
        self.controller = _Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=PATIENCE)
        self.controller.start()

    def stop(self):
        """Nobody answers any more, and who was connected is not."""
        for transport in list(self.open):
            self.controller.loop.call_soon_threadsafe(transport.abort)
        self.controller.stop()

    async def handle_RCPT(self, server: SMTP, session, envelope, address, options):
        wish = address.split("@")[0].split("-")[0]
        if wish == "silent":
            self.got(Arrival(address, address, "", time.monotonic(), envelope.mail_from))
            await asyncio.sleep(PATIENCE)
        if wish in self.REFUSALS:
            self.got(Arrival(address, address, "", time.monotonic(), envelope.mail_from))
            if wish == "421":
                # As RFC 5321 has it, who says so hangs up.
                await server.push(self.REFUSALS[wish])
                server.transport.close()
            return self.REFUSALS[wish]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        recipient = envelope.rcpt_tos[0]
        arrival = Arrival(
            str(mail["Message-ID"]),
            recipient,
            envelope.content.decode("utf-8", "replace"),
            time.monotonic(),
            envelope.mail_from,
        )
        self.got(arrival)
        if recipient.startswith("drop"):
            server.transport.close()
            return "250 2.0.0 nobody hears this"
        await asyncio.sleep(self.delay)
        while not self.answers.is_set():
            await asyncio.sleep(0.01)
        self.answered(arrival)
        return "250 2.0.0 taken"


class _Quick(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        # Servers are killed while they wait for an answer.
        pass


class Gateway(Provider):
    """A gateway to phones. A path that begins with /2010-04-01/ is asked as Twilio is, and /ID/messages as WhatsApp."""

    def __init__(self, port, delay=0.0):
        super().__init__(delay)
        self.port = port
        self.start()

    def start(self):
        provider = self
        self.open = set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                provider.open.add(self.connection)

            def finish(self):
                provider.open.discard(self.connection)
                super().finish()

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                provider.take(self, body)

        self.server = _Quick(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """Nobody answers any more, and who was connected is not."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take(self, request, body):
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.path.startswith("/2010-04-01/"):
            form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
            name, recipient, text = f"SM{len(self.arrivals):032x}", form["To"], form["Body"]
            answer = {"sid": name, "status": "queued"}
        elif request.path.endswith("/messages"):
            said = json.loads(body)
            recipient, name = "+" + said["to"], f"wamid.{len(self.arrivals)}"
            text = json.dumps(said["template"])
            answer = {"messages": [{"id": name}]}
        else:
            said = json.loads(body)
            name, recipient, text = said["id"], said["to"], said["text"]
            answer = {"id": name}
        arrival = Arrival(name, recipient, text, time.monotonic(), request.path, headers | {"body": body})
        self.got(arrival)
        # Codes are answered at once, whatever else takes its time.
        if "code" not in text.lower():
            time.sleep(self.delay)
        self.answers.wait(PATIENCE)
        self.answered(arrival)
        data = json.dumps(answer).encode()
        try:
            request.send_response(200)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)
        except OSError:
            # Whoever asked is dead.
            pass
