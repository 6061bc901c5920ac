"""Mails: what aiosmtpd answers, what becomes of the rows, and what calendar programs make of what is in them."""

import email
import email.policy
import re
import subprocess
import sys
import time
from pathlib import Path

import icalendar

from clinic import wait_for

# Longer than the pause between two looks into the outbox.
SOON = 20


def put_out_mail(database, recipient, kind="account"):
    """A mail that is written already, and due. Its id."""
    return database.one(
        """insert into messages (kind, channel, recipient, subject, body, due_at, not_after)
           values (%s, 'email', %s, 'Subject', 'Text', now(), now() + interval '1 day') returning id""",
        kind,
        recipient,
    )


def row(database, id):
    return database.sql("select state, last_error from messages where id = %s", id)[0]


def answers(report, database, mail_server):
    """The answers of a mail server, from 250 to silence."""
    recipients = ["ok", "421", "451", "550", "554", "drop", "silent"]
    ids = {name: put_out_mail(database, f"{name}@patient.example") for name in recipients}
    expected = {
        "ok": ("sent", ""),
        "421": ("due", "refused_for_now"),
        "451": ("due", "refused_for_now"),
        "550": ("failed", "no_such_recipient"),
        "554": ("failed", "refused"),
        "drop": ("due", "unreachable"),
        # Nobody waits for it for longer than half a minute.
        "silent": ("due", "unreachable"),
    }

    def is_over(id):
        return database.one("select attempts > 0 and state <> 'claimed' from messages where id = %s", id)

    for name, id in ids.items():
        wait_for(f"an attempt to send to {name}", lambda: is_over(id), 50)
        report.same(f"a mail server that answers {name}", row(database, id), expected[name])
    pauses = database.sql(
        "select round(extract(epoch from due_at - now())) from messages where id = any(%s)",
        [ids[name] for name in ("421", "451", "drop")],
    )
    report.fact("what is refused for now is tried again within a minute", all(-1 <= p <= 61 for (p,) in pauses), pauses)

    # The second attempts: the minute passes.
    database.sql("update messages set due_at = now() where id = any(%s)", [ids["451"], ids["drop"]])
    wait_for(
        "second attempts",
        lambda: database.one(
            "select bool_and(attempts = 2 and state <> 'claimed') from messages where id = any(%s)",
            [ids["451"], ids["drop"]],
        ),
        SOON,
    )
    again = mail_server.to("drop@patient.example")
    report.same("a mail after which the server hung up is sent again", len(again), 2)
    report.same("under the same Message-ID", len({arrival.name for arrival in again}), 1)
    pauses = database.sql(
        "select round(extract(epoch from due_at - now())) from messages where id = any(%s)", [ids["451"], ids["drop"]]
    )
    report.fact("the second pause is five minutes", all(270 <= p <= 301 for (p,) in pauses), pauses)

    # No answer is taken for that to another mail, also after one that never came.
    last = put_out_mail(database, "last@patient.example")
    wait_for("a mail after all this", lambda: is_over(last), SOON)
    report.same("whoever takes a mail afterwards has it", (row(database, last), len(mail_server.to("last@patient.example"))), (("sent", ""), 1))

    # An address that does not exist, a second and a third time. Links that somebody asks for go there all the same.
    for times in (2, 3):
        id = put_out_mail(database, "550@patient.example", "day_cancelled")
        wait_for(f"the end of mail {times} to nobody", lambda: is_over(id) or row(database, id)[0] == "suppressed", SOON)
    report.same("after two refusals nothing goes to an address", row(database, id), ("suppressed", "no_such_recipient"))
    report.same("and its server is not asked", len(mail_server.to("550@patient.example")), 2)


def sign_in(server, gateway, phone, name):
    """Signs a patient in by the code that the gateway got, and says within how many seconds it got it."""
    since = time.monotonic()
    challenge = server.call("POST", "auth/otp", {"phone": phone})["challenge"]
    arrival = wait_for("a code", lambda: gateway.to(phone), 10)[-1]
    code = re.search(r"\d{6}", arrival.text)[0]
    body = {"challenge": challenge, "code": code, "name": name}
    return server.call("POST", "auth/otp/verify", body)["token"], arrival.at - since


def parts_of(arrival):
    return email.message_from_string(arrival.text, policy=email.policy.default)


def give_address(server, mail_server, token, address):
    """Gives an address and confirms it, as a patient does."""
    before = len(mail_server.to(address))
    server.call("PUT", "me/contact", {"email": address, "reminders": True}, token)
    wait_for("the mail that asks for the address", lambda: len(mail_server.to(address)) > before, SOON)
    text = parts_of(mail_server.to(address)[-1]).get_body(("plain",)).get_content()
    path = re.search(r"https://clinic\.example(/e/\w+)", text)[1]
    shown = server.ask("GET", path)[0]
    is_confirmed = lambda: server.call("GET", "me/contact", token=token)["email_confirmed"]
    after_looking = is_confirmed()
    secret = path.removeprefix("/e/")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    server.ask("POST", "/form/link-email", f"secret={secret}", headers)
    return shown, after_looking, is_confirmed()


def invitation(report, arrival, method):
    """The calendar object of a mail, after what RFC 6047 asks of the mail."""
    mail = parts_of(arrival)
    found = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    report.same(f"a mail of {method} has one calendar part", len(found), 1)
    report.same(f"the content type says {method}", found[0].get_param("method"), method)
    calendar = icalendar.Calendar.from_ical(found[0].get_content())
    report.same(f"the object says {method}", str(calendar["METHOD"]), method)
    events = calendar.walk("VEVENT")
    report.same(f"there is one event in a {method}", len(events), 1)
    report.same("nothing in it is malformed", events[0].errors, [])
    file = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    same = lambda text: text.replace("\r\n", "\n").strip()
    report.same("the attachment says the same", same(file[0].get_content().decode()), same(found[0].get_content()))
    return events[0]


def calendars(report, server, mail_server, gateway, folder):
    """An appointment that is booked, moved and cancelled, as a calendar program gets to know of it by mail."""
    address = "maya@patient.example"
    token, seconds = sign_in(server, gateway, "+6281255500001", "Maya")
    report.fact("a code is at the gateway at once", seconds < 4, seconds)
    shown = give_address(server, mail_server, token, address)
    report.same("a link shows on GET and confirms on POST", shown, (200, False, True))

    def next_mail(after):
        return wait_for("a mail", lambda: mail_server.to(address)[after:], SOON)[0]

    store = Path(folder) / "xandikos"

    def deliver(arrival):
        """What xandikos makes of a mail that is delivered to it: the events of its store."""
        command = [Path(sys.executable).parent / "xandikos", "import-imip", "-d", store, "--autocreate", "--principal", "/maya/"]
        done = subprocess.run(command, input=arrival.text.encode(), capture_output=True, timeout=60)
        report.same("xandikos takes the mail", (done.returncode, done.stderr[-500:] if done.returncode else b""), (0, b""))
        return stored(store / "maya" / "calendars")

    free = server.call("GET", "doctors/1/slots?service=instant")
    times = [slot["starts_at"] for slot in free]
    order = {"doctor_id": 1, "scheduled_at": times[100], "type": "instant", "reason": "A secret cough"}
    seen = len(mail_server.to(address))
    booked = server.call("POST", "appointments", order, token)
    report.same("it is booked at once", booked["status"], "confirmed")
    mail = next_mail(seen)
    requested = invitation(report, mail, "REQUEST")
    feed = server.ask("GET", f"/api/v1/appointments/{booked['id']}/calendar.ics", None, {"authorization": f"Bearer {token}"})[1]
    own = icalendar.Calendar.from_ical(feed).walk("VEVENT")[0]
    report.same("the mail and the calendar feed call it the same", str(requested["UID"]), str(own["UID"]))
    report.same("the clinic's address organises it", str(requested["ORGANIZER"]).lower(), "mailto:hello@clinic.example")
    report.same("the patient attends it", str(requested["ATTENDEE"]).lower(), f"mailto:{address}")
    attends = requested["ATTENDEE"].params
    report.same("and need not answer", (attends.get("PARTSTAT"), attends.get("RSVP")), ("ACCEPTED", "FALSE"))
    for word in ("cough", "Vaccination", "Dr 1"):
        report.fact(f"a mail says nothing of {word}", word not in mail.text)
    events = deliver(mail)
    report.same("REQUEST made one event", [event["UID"] for event in events], [requested["UID"]])
    report.same("at its time", events[0].start, requested.start)

    seen = len(mail_server.to(address))
    moved_to = {"scheduled_at": times[140], "version": booked["version"]}
    server.call("POST", f"appointments/{booked['id']}/reschedule", moved_to, token)
    mail = next_mail(seen)
    moved = invitation(report, mail, "REQUEST")
    report.same("a move is about the same event", str(moved["UID"]), str(requested["UID"]))
    report.fact("its SEQUENCE is higher", moved["SEQUENCE"] > requested["SEQUENCE"], (requested["SEQUENCE"], moved["SEQUENCE"]))
    events = deliver(mail)
    report.same("there is still one event", len(events), 1)
    report.same("at the new time", events[0].start, moved.start)
    report.fact("which is another one", moved.start != requested.start)

    seen = len(mail_server.to(address))
    server.call("POST", f"appointments/{booked['id']}/status", {"status": "cancelled", "reason": "A private reason"}, token)
    mail = next_mail(seen)
    cancelled = invitation(report, mail, "CANCEL")
    report.same("a cancellation is about the same event", str(cancelled["UID"]), str(requested["UID"]))
    report.fact("its SEQUENCE is higher still", cancelled["SEQUENCE"] > moved["SEQUENCE"], (moved["SEQUENCE"], cancelled["SEQUENCE"]))
    report.same("and says so", str(cancelled["STATUS"]), "CANCELLED")
    report.fact("its reason stays with the clinic", "private reason" not in mail.text)
    events = deliver(mail)
    report.fact(
        "CANCEL took it out of the calendar, or marked it",
        all(str(event.get("STATUS")) == "CANCELLED" for event in events),
        events,
    )
    return token


def bounces(report, database, server, mail_server, gateway, token, reports):
    """A mail that comes back: by the address that it came from, and the report of a mail server."""
    address, phone = "maya@patient.example", "+6281255500001"
    mails = mail_server.to(address)
    senders = {arrival.sender for arrival in mails}
    report.same("each mail comes from an address of its own", len(senders), len(mails))
    report.fact("which is one for bounces", all(sender.startswith("bounces+") for sender in senders), senders)
    report.fact("and short enough", all(len(sender.split("@")[0]) <= 64 for sender in senders), senders)
    last = mails[-1].sender
    dsn = (reports / "postfix.eml").read_text()
    forged = last.replace("@", "0@")
    statuses = lambda: [status for (status,) in database.sql("select bounce_status from messages where bounce_status is not null")]
    for to, expected in ((forged, []), (last, ["5.1.1"]), (last, ["5.1.1"])):
        # As a mail server gives it to a program: with what it was sent to in its headers alone.
        done = server.run("bounce", text=dsn.replace("{to}", to).encode())
        report.fact("janji bounce ends well", done.returncode == 0, (done.returncode, done.stdout, done.stderr))
        report.same("and notes what is genuine, once", statuses(), expected)
    contact = server.call("GET", "me/contact", token=token)
    report.same(
        "the patient sees that mails came back",
        (contact["email"], contact["email_confirmed"], contact["email_came_back"]),
        (address, False, True),
    )
    seen = len(mail_server.to(address))
    free = server.call("GET", "doctors/2/slots?service=instant")
    order = {"doctor_id": 2, "scheduled_at": free[100]["starts_at"], "type": "instant", "reason": "A cough"}
    server.call("POST", "appointments", order, token)
    by_phone = lambda: {
        kind
        for (kind,) in database.sql(
            "select kind from messages where recipient = %s and kind <> 'code' and state = 'sent'", phone
        )
    }
    wait_for("messages to the phone", lambda: by_phone() >= {"cancelled", "confirmed"}, SOON)
    report.fact("and hears by phone what the mail said, and what is new", len(gateway.to(phone)) >= 3)
    report.same("while no mail leaves", len(mail_server.to(address)), seen)
    shown = give_address(server, mail_server, token, address)
    report.same("an address that is confirmed anew is used again", shown, (200, False, True))


def stored(calendars):
    """The events in the calendars of xandikos, which are folders of files."""
    return [
        event
        for file in sorted(calendars.rglob("*.ics"))
        for event in icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    ]
