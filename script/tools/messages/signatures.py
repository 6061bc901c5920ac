"""Signatures and requests, held against the libraries of the vendors and of others: what they sign we take, what they refuse
we refuse, and what we send is what they would send."""

import base64
import hashlib
import hmac
import json
import logging
import urllib.parse

from pywa import utils as pywa
from twilio.http.http_client import HttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from clinic import wait_for

TWILIO = {"account": "AC0123456789abcdef", "token": "12345", "from": "+15005550006"}
WHATSAPP = {"number": "1029384756", "token": "token", "secret": "secret of the app", "verify": "a-word"}
PHONE = "+6281255500002"


def sent_message(database, provider_id):
    """A message that a provider has taken and called so."""
    database.sql("delete from messages where provider_id = %s", provider_id)
    database.sql(
        """insert into messages (kind, channel, recipient, body, state, provider_id, due_at, sent_at, ended_at, not_after)
           values ('confirmed', 'sms', %s, 'text', 'sent', %s, now(), now(), now(), now() + interval '1 day')""",
        PHONE,
        provider_id,
    )


def state(database, provider_id):
    return database.one("select state from messages where provider_id = %s", provider_id)


def twilio_receipts(report, database, server):
    """Each receipt is judged twice, by Twilio's library and by Janji: with one verdict."""
    validator = RequestValidator(TWILIO["token"])
    other = RequestValidator("another token")
    address = "https://clinic.example/hooks/sms/twilio"
    delivered = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": TWILIO["account"]}
    unusual = delivered | {"Body": "", "From": "+1 500 555 0006", "Name": "Ñandú & Söhne = 100 %", "To": PHONE}
    # What is posted, the address it is posted to, and the signature.
    cases = {
        "a receipt of Twilio": (delivered, "", validator.compute_signature(address, delivered)),
        "one with a query in its address": (delivered, "?x=1&y=a%20b", validator.compute_signature(address + "?x=1&y=a%20b", delivered)),
        "one with unusual values": (unusual, "", validator.compute_signature(address, unusual)),
        "one with an empty form": ({}, "", validator.compute_signature(address, {})),
        "one for another address": (delivered, "", validator.compute_signature("https://evil.example/hooks/sms/twilio", delivered)),
        "one for the address without its query": (delivered, "?x=1", validator.compute_signature(address, delivered)),
        "one by another token": (delivered, "", other.compute_signature(address, delivered)),
        "one with another value": (delivered | {"MessageStatus": "failed"}, "", validator.compute_signature(address, delivered)),
        "one with a value more": (delivered | {"ErrorCode": "30003"}, "", validator.compute_signature(address, delivered)),
        "one with a value less": ({"MessageSid": "SM1"}, "", validator.compute_signature(address, delivered)),
        "one without a signature": (delivered, "", ""),
        "one with nonsense for a signature": (delivered, "", "nb6wX1SuPDdLPPk2C3KXY+RmY2I="),
    }
    for name, (form, query, signature) in cases.items():
        sent_message(database, "SM1")
        is_genuine = validator.validate(address + query, form, signature)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        status, _ = server.ask("POST", f"/hooks/sms/twilio{query}", urllib.parse.urlencode(form), headers)
        report.same(f"{name}: Twilio's library and Janji agree", status, 204 if is_genuine else 403)
        arrived = is_genuine and form.get("MessageStatus") == "delivered"
        report.same(f"{name}: what becomes of the message", state(database, "SM1"), "delivered" if arrived else "sent")


class _Kept(HttpClient):
    """Keeps a request of Twilio's library instead of sending it."""

    def __init__(self):
        super().__init__(logging.getLogger("twilio"), is_async=False)

    def request(self, method, url, params=None, data=None, headers=None, auth=None, timeout=None, allow_redirects=False):
        self.kept = {"method": method, "url": url, "form": data, "auth": auth}
        raise StopIteration


def twilio_request(report, database, server, gateway):
    """A message that Janji sends by Twilio, and the request of Twilio's own library for the same."""
    phone = "+6281255500003"
    server.call("POST", "auth/otp", {"phone": phone})
    arrival = wait_for("a code by Twilio", lambda: gateway.to(phone), 10)[0]
    sent = dict(urllib.parse.parse_qsl(arrival.headers["body"]))
    # As long as the code is good, which was made a moment ago.
    validity = int(sent["ValidityPeriod"])
    report.fact("a code is not sent after its time", 480 <= validity <= 600, validity)
    kept = _Kept()
    client = Client(TWILIO["account"], TWILIO["token"], http_client=kept)
    try:
        client.messages.create(
            to=phone,
            from_=TWILIO["from"],
            body=arrival.text,
            validity_period=validity,
            status_callback="https://clinic.example/hooks/sms/twilio",
        )
    except StopIteration:
        pass
    expected = {name: str(value) for name, value in kept.kept["form"].items() if value is not None}
    report.same("the form is that of Twilio's library", sent, expected)
    report.same("its path, too", arrival.sender, urllib.parse.urlsplit(kept.kept["url"]).path)
    account = base64.b64encode(":".join(kept.kept["auth"]).encode()).decode()
    report.same("and the account", arrival.headers["authorization"], f"Basic {account}")
    report.same(
        "the message has the name that Twilio gave it",
        wait_for(
            "the note of what was sent",
            lambda: database.sql("select provider_id from messages where recipient = %s and state = 'sent'", phone),
            10,
        ),
        [(arrival.name,)],
    )


def whatsapp_receipts(report, database, server):
    """The same with WhatsApp, by a library of others (pywa) and by Python's own HMAC."""

    def status_of(provider_id, status, **more):
        value = {"statuses": [{"id": provider_id, "status": status, **more}]}
        return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}, ensure_ascii=False).encode()

    def sign(secret, body):
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    # As GitHub publishes it, whose scheme is the same.
    report.fact(
        "the published signature is computed here as there",
        sign("It's a Secret to Everybody", b"Hello, World!")
        == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    )
    secret = WHATSAPP["secret"]
    body = status_of("wamid.judge", "delivered")
    unusual = status_of("wamid.judge", "delivered", recipient="Ñandú ☎ \\u00e4")
    cases = {
        "a receipt of WhatsApp": (body, sign(secret, body)),
        "one with unusual letters": (unusual, sign(secret, unusual)),
        "one that was written anew": (json.dumps(json.loads(body), indent=1).encode(), sign(secret, body)),
        "one by another secret": (body, sign("another secret", body)),
        "one of another message": (status_of("wamid.other", "delivered"), sign(secret, body)),
        "one with half a signature": (body, sign(secret, body)[:-2]),
        "one without a signature": (body, ""),
        "one by SHA-1": (body, "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()),
    }
    for name, (posted, signature) in cases.items():
        sent_message(database, "wamid.judge")
        is_genuine = pywa.webhook_updates_validator(
            app_secret=secret, request_body=posted, x_hub_signature=signature
        )
        headers = {"content-type": "application/json", "x-hub-signature-256": signature}
        status, _ = server.ask("POST", "/hooks/sms/whatsapp", posted, headers)
        report.same(f"{name}: pywa and Janji agree", status, 204 if is_genuine else 403)
        report.same(
            f"{name}: what becomes of the message",
            state(database, "wamid.judge"),
            "delivered" if is_genuine else "sent",
        )
    query = urllib.parse.urlencode(
        {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WHATSAPP["verify"]}
    )
    report.same("WhatsApp is greeted as it asks", server.ask("GET", f"/hooks/sms/whatsapp?{query}"), (200, "1158201444"))
    report.same("and nobody else", server.ask("GET", f"/hooks/sms/whatsapp?{query}x")[0], 403)


def own_gateway(report, server, gateway, secret):
    """What is posted to a gateway of one's own is signed so that Python's HMAC agrees."""
    phone = "+6281255500004"
    server.call("POST", "auth/otp", {"phone": phone})
    arrival = wait_for("a code", lambda: gateway.to(phone), 10)[0]
    expected = hmac.new(secret.encode(), arrival.headers["body"].encode(), hashlib.sha256).hexdigest()
    report.fact("a body is signed", hmac.compare_digest(arrival.headers["x-janji-signature"], expected))
