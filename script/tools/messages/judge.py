"""Judges the messages of Janji by what others make of them, and by what is left when servers die.

    judge.py --program target/debug/janji [--report FILE] [--failures FILE] [--deaths] [--calendars] [--long]

DATABASE_URL names a PostgreSQL to throw away, in which databases are made. Everything runs on this machine alone.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
from pathlib import Path

import calendars
import deaths
import mails
import payments
import recurrences
import signatures
from clinic import Database, Server, free_port
from counterparts import Gateway, MailServer
from report import Report


# Reports of mail servers, as they are.
REPORTS = Path(__file__).resolve().parents[3] / "tests" / "notification" / "reports"


def by_twilio(report, program, folder):
    """A clinic with a mail server, Twilio and providers of payments."""
    database = Database("judge_twilio")
    mail_server, gateway = MailServer(free_port()), Gateway(free_port())
    provider = payments.Provider(free_port())
    server = Server(
        program,
        folder,
        "twilio",
        database,
        smtp_port=mail_server.port,
        sms="twilio",
        sms_url=f"http://127.0.0.1:{gateway.port}",
        twilio_account=signatures.TWILIO["account"],
        twilio_token=signatures.TWILIO["token"],
        twilio_from=signatures.TWILIO["from"],
        bounce_address="bounces@clinic.example",
        bounce_secret="a secret of some length",
        shutdown_pause=0,
        **payments.settings(provider),
    )
    try:
        server.start().ready()
        database.seed()

        def a_patient():
            token = mails.calendars(report, server, mail_server, gateway, folder)
            mails.bounces(report, database, server, mail_server, gateway, token, REPORTS)

        report.part("a patient with a calendar, whose address ends", a_patient)
        report.part("a message by Twilio", lambda: signatures.twilio_request(report, database, server, gateway))
        report.part("receipts of Twilio", lambda: signatures.twilio_receipts(report, database, server))
        report.part("events of Stripe", lambda: payments.stripe_events(report, server))
        report.part("notifications of Midtrans", lambda: payments.midtrans_notifications(report, server))
        report.part("a page of Stripe", lambda: payments.stripe_page(report, database, provider))
        report.part("a page of Midtrans", lambda: payments.midtrans_page(report, database, provider))
    finally:
        server.stop()


def by_whatsapp(report, program, folder):
    """A clinic with WhatsApp, and a mail server that refuses in every way."""
    database = Database("judge_whatsapp")
    mail_server, gateway = MailServer(free_port()), Gateway(free_port())
    server = Server(
        program,
        folder,
        "whatsapp",
        database,
        smtp_port=mail_server.port,
        sms="whatsapp",
        sms_url=f"http://127.0.0.1:{gateway.port}",
        whatsapp_number=signatures.WHATSAPP["number"],
        whatsapp_token=signatures.WHATSAPP["token"],
        whatsapp_secret=signatures.WHATSAPP["secret"],
        whatsapp_verify=signatures.WHATSAPP["verify"],
        shutdown_pause=0,
    )
    try:
        server.start().ready()
        report.part("receipts of WhatsApp", lambda: signatures.whatsapp_receipts(report, database, server))
        report.part("answers of mail servers", lambda: mails.answers(report, database, mail_server))
    finally:
        server.stop()


def by_calendars(report, program, folder, long):
    """Two servers of calendars at once, each beside a clinic of its own: they wait for each other most of the time."""
    steps = 1000 if long else 60
    at_once(
        report,
        {
            kind.__name__: lambda kind=kind: calendars.judge(report, program, folder, kind, steps)
            for kind in (calendars.Radicale, calendars.Xandikos)
        },
    )


def at_once(report, parts):
    """Parts at once, each in a thread of its own."""
    for thread in started(report, parts):
        thread.join()


def started(report, parts):
    threads = [threading.Thread(target=report.part, args=part, daemon=True) for part in parts.items()]
    for thread in threads:
        thread.start()
    return threads


def by_deaths(report, program, folder, long):
    """Three servers of one clinic."""
    database = Database("judge_deaths")
    fleet = deaths.Fleet(program, folder, database)
    try:
        fleet.start()
        database.seed()
        report.part("500 messages without faults", lambda: deaths.without_faults(report, fleet, 500))
        report.part("kill -9", lambda: deaths.killed(report, fleet, 500, waits=long))
        if long:
            rng = random.Random(15)
            for round in range(3):
                report.part(f"kill -9 at any time, {round + 1}", lambda: deaths.torn(report, fleet, 1500, rng))
        report.part("a provider that is away", lambda: deaths.outage(report, fleet, 1000 if long else 400, 30))
    finally:
        fleet.stop()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("--report")
    options.add_argument("--failures")
    options.add_argument("--deaths", action="store_true", help="only what happens when servers die")
    options.add_argument("--calendars", action="store_true", help="only calendars elsewhere")
    options.add_argument("--long", action="store_true", help="waits for leases, and kills at any time as well")
    options = options.parse_args()
    # Told to stop, it ends as by Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    report = Report()
    program = os.path.abspath(options.program)
    with tempfile.TemporaryDirectory(prefix="janji-judge-") as folder:
        # The two clinics wait for others most of the time.
        beside = [] if options.deaths or options.calendars else [by_twilio, by_whatsapp]
        threads = started(report, {work.__name__: lambda work=work: work(report, program, folder) for work in beside})
        if not options.deaths:
            report.part("series of events", lambda: recurrences.judge(report))
        if options.calendars or not options.deaths:
            report.part("calendars elsewhere", lambda: by_calendars(report, program, folder, options.long))
        if not options.calendars:
            report.part("servers that die", lambda: by_deaths(report, program, folder, options.long))
        for thread in threads:
            thread.join()
        is_sound = report.write(options.report, options.failures)
        if not is_sound:
            for name in sorted(os.listdir(folder)):
                if name.endswith(".log"):
                    with open(os.path.join(folder, name)) as log:
                        print(f"--- {name}\n" + "".join(log.readlines()[-15:]), file=sys.stderr)
    sys.exit(0 if is_sound else 1)


if __name__ == "__main__":
    main()
