"""Payments, held against the libraries of the vendors: what they sign we take, what they refuse we refuse, and what we ask for is what
they would ask for."""

import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

import midtransclient
import stripe

from clinic import wait_for

STRIPE = {"key": "sk_test_judge", "secret": "whsec_judge"}
MIDTRANS = {"key": "SB-Mid-server-judge", "merchant": "G000000001"}
VERSION = "2026-10-28.endive"


class Provider:
    """Both providers, as far as a page is asked for: it keeps what it was asked."""

    def __init__(self, port):
        self.port = port
        self.asked = []
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                provider.asked.append((self.path, headers, body))
                answer = {"id": "cs_test_judge", "url": "https://checkout.stripe.com/c/pay/cs_test_judge"}
                if self.path.startswith("/snap/"):
                    answer = {"token": "judge", "redirect_url": "https://app.sandbox.midtrans.com/snap/v4/redirection/judge"}
                text = json.dumps(answer).encode()
                self.send_response(201)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def to(self, path):
        return [asked for asked in self.asked if asked[0] == path]


def settings(provider):
    """The options of a server that takes payments by both."""
    url = f"http://127.0.0.1:{provider.port}"
    return {
        "payments": "stripe",
        "stripe_key": STRIPE["key"],
        "stripe_webhook_secret": STRIPE["secret"],
        "stripe_url": url,
        "midtrans_server_key": MIDTRANS["key"],
        "midtrans_merchant": MIDTRANS["merchant"],
        "midtrans_url": url,
    }


def stripe_events(report, server):
    """Each event is judged twice, by Stripe's library and by Janji: with one verdict."""
    body = json.dumps({"id": "evt_judge", "object": "event", "type": "customer.created", "livemode": False, "data": {"object": {"id": "cus_1"}}})
    unusual = json.dumps({"id": "evt_ü", "object": "event", "type": "customer.created", "data": {"object": {"name": "Ñandú ☎"}}}, ensure_ascii=False)
    now = int(time.time())

    def signed(payload, secret=STRIPE["secret"], at=now):
        mac = stripe.WebhookSignature._compute_signature(f"{at}.{payload}", secret)
        return f"t={at},v1={mac}"

    good = signed(body)
    cases = {
        "an event of Stripe": (body, good),
        "one with unusual letters": (unusual, signed(unusual)),
        "one with a second signature": (body, f"{good},v1={'0' * 64},v0=1"),
        "one whose first signature is another": (body, good.replace("v1=", f"v1={'0' * 64},v1=")),
        "one by another secret": (body, signed(body, "whsec_other")),
        "one that was written anew": (json.dumps(json.loads(body), indent=1), good),
        "one from an hour ago": (body, signed(body, at=now - 3600)),
        "one with another time": (body, good.replace(f"t={now}", f"t={now + 1}")),
        "one without a time": (body, good.split(",")[1]),
        "one of another scheme": (body, good.replace("v1=", "v0=")),
        "one without a signature": (body, ""),
        "one with nonsense for a signature": (body, "t=x,v1=y"),
    }
    for name, (payload, signature) in cases.items():
        try:
            stripe.Webhook.construct_event(payload.encode(), signature, STRIPE["secret"], tolerance=300)
            is_genuine = True
        except (ValueError, stripe.SignatureVerificationError):
            is_genuine = False
        headers = {"content-type": "application/json", "stripe-signature": signature}
        status, _ = server.ask("POST", "/hooks/stripe", payload.encode(), headers)
        report.same(f"{name}: Stripe's library and Janji agree", status, 204 if is_genuine else 401)


class _Kept(stripe.HTTPClient):
    """Keeps a request of Stripe's library instead of sending it."""

    name = "kept"

    def request(self, method, url, headers, post_data=None, **_):
        self.kept = {"url": url, "headers": {name.lower(): value for name, value in headers.items()}, "body": post_data}
        raise StopIteration


def a_payment(database, provider):
    """A payment whose page the worker is to open."""
    return database.sql(
        """insert into payments
               (appointment_id, provider, state, amount_minor, currency, locale, session_ends_at, created_at, work_due_at)
           select id, %s, 'created', 15000000, 'IDR', 'id', date_trunc('second', now()) + interval '35 minutes', now(), now()
           from appointments
           where not exists (select from payments where appointment_id = appointments.id) order by id limit 1
           returning id, extract(epoch from session_ends_at)::bigint,
                     (select reference from appointments where id = appointment_id)""",
        provider,
    )[0]


def stripe_page(report, database, provider):
    """A page that Janji asks for, and the request of Stripe's own library for the same."""
    payment, ends_at, reference = a_payment(database, "stripe")
    path = "/v1/checkout/sessions"
    _, headers, body = wait_for("the request for a page", lambda: provider.to(path), 20)[0]
    sent = dict(urllib.parse.parse_qsl(body))
    what = f"Pemesanan {reference}"
    client, kept = _Kept(), None
    library = stripe.StripeClient(STRIPE["key"], http_client=client, stripe_version=VERSION)
    try:
        library.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "client_reference_id": str(payment),
                "metadata": {"janji_payment": str(payment)},
                "payment_intent_data": {"metadata": {"janji_payment": str(payment)}, "description": what},
                "line_items": [
                    {
                        "quantity": 1,
                        # A rupiah has a hundred units there.
                        "price_data": {"currency": "idr", "unit_amount": 15000000, "product_data": {"name": what}},
                    }
                ],
                "adaptive_pricing": {"enabled": False},
                "submit_type": "book",
                "locale": "id",
                "expires_at": ends_at,
                "success_url": sent.get("success_url", ""),
                "cancel_url": sent.get("cancel_url", ""),
            },
            {"idempotency_key": f"janji-{payment}"},
        )
    except StopIteration:
        kept = client.kept
    report.same("the form is that of Stripe's library", sent, dict(urllib.parse.parse_qsl(kept["body"])))
    report.same("its path, too", path, urllib.parse.urlsplit(kept["url"]).path)
    for name in ("authorization", "stripe-version", "idempotency-key", "content-type"):
        report.same(f"and its {name}", headers.get(name), kept["headers"][name])
    report.fact("people are led back to the clinic", sent["success_url"].startswith("https://clinic.example/"), sent)
    report.same(
        "the page is kept",
        wait_for("the note of the page", lambda: database.sql("select provider_session from payments where id = %s and state = 'paying'", payment), 20),
        [("cs_test_judge",)],
    )


def midtrans_page(report, database, provider):
    """The same with Midtrans, whose library says where and as whom."""
    payment, _, reference = a_payment(database, "midtrans")
    snap = midtransclient.Snap(is_production=False, server_key=MIDTRANS["key"])
    kept = {}

    def keep(method, server_key, url, parameters=None, *_, **__):
        kept.update(method=method, key=server_key, url=url, body=parameters)
        raise StopIteration

    snap.http_client.request = keep
    amount = {"transaction_details": {"order_id": f"{reference}-{payment}", "gross_amount": 150000}}
    try:
        snap.create_transaction(amount)
    except StopIteration:
        pass
    path = urllib.parse.urlsplit(kept["url"]).path
    _, headers, body = wait_for("the request for a page", lambda: provider.to(path), 20)[0]
    sent = json.loads(body)
    report.same("the amount is whole, under the order", sent["transaction_details"], kept["body"]["transaction_details"])
    report.same("the lines add up", sum(line["price"] * line["quantity"] for line in sent["item_details"]), 150000)
    scheme, _, secret = headers["authorization"].partition(" ")
    report.same("the account is that of the library", (scheme, base64.b64decode(secret).decode()), ("Basic", f"{kept['key']}:"))
    report.same("it says where to call", headers.get("x-override-notification"), "https://clinic.example/hooks/midtrans")


def midtrans_notifications(report, server):
    """Signatures of Midtrans, by Python's SHA-512."""

    def said(order="payment_notif_test_1", code="200", gross="10000.00", key=MIDTRANS["key"], **more):
        mac = hashlib.sha512(f"{order}{code}{gross}{key}".encode()).hexdigest()
        fields = {"order_id": order, "status_code": code, "gross_amount": gross, "signature_key": mac}
        return fields | {"merchant_id": MIDTRANS["merchant"], "transaction_status": "settlement"} | more

    cases = {
        "a notification of Midtrans": (said(), 204),
        "one in capitals": (said() | {"signature_key": said()["signature_key"].upper()}, 204),
        "one by another key": (said(key="another"), 401),
        "one with another amount": (said() | {"gross_amount": "10000"}, 401),
        "one of another order": (said() | {"order_id": "payment_notif_test_2"}, 401),
        "one of another merchant": (said(merchant_id="G2"), 403),
        "one without a signature": ({name: value for name, value in said().items() if name != "signature_key"}, 400),
    }
    for name, (fields, expected) in cases.items():
        headers = {"content-type": "application/json"}
        status, _ = server.ask("POST", "/hooks/midtrans", json.dumps(fields).encode(), headers)
        report.same(name, status, expected)
