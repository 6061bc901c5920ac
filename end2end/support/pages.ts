// Every page of `src/app.rs`, and how one comes to each of its faces; by no words, since the pages have three languages.
import { expect } from "@playwright/test";
import { sql } from "./database";
import { Program, codeFor, linkFor, newPhone, referenceOf, seconds, signInAsPatient, signInAsStaff, timesOf } from "./http";
import { codeOf } from "./totp";
import type { Doctor } from "./clinic";
import type { Page } from "./test";

/** A face of a page. */
export interface Face {
    /** As `src/app.rs` has it. */
    route: string;
    /** What there is to see, where it is not the page as it begins. */
    shows?: string;
    /** Opens it; whatever it answers is what to look at, where that is another page. */
    open: (page: Page, demo: Demo) => Promise<Page | void>;
}

/** What the addresses of pages are made of. */
export interface Demo {
    /** A doctor of this test alone. */
    doctor: Doctor;
    /** References of visits of the first doctor that are over, with a prescription and without one. */
    written: string;
    unwritten: string;
    /** A request of the first doctor that waits for an answer. */
    request: string;
    /** Whose the first visit was. */
    patient: number;
    phone: string;
    /** A booking of the test's own patient. */
    reference: string;
}

/** The visits of the first doctor in the demo; each test that signs a patient in takes another of them. */
export async function demoOf(doctor: Doctor, which: number): Promise<Demo> {
    const [row] = await sql(
        `select written.reference as written, patients.id as patient, patients.phone,
                (select reference from appointments
                 where doctor_id = 1 and status = 'completed'
                   and not exists (select from prescriptions where appointment_id = appointments.id)
                 order by id limit 1) as unwritten,
                (select reference from appointments where doctor_id = 1 and status = 'pending' order by id limit 1) as request
         from (select distinct on (patient_id) * from appointments
               where doctor_id = 1 and status = 'completed'
                 and exists (select from prescriptions where appointment_id = appointments.id and withdrawn_at is null)
               order by patient_id, id) as written
         join patients on patients.id = patient_id
         order by written.id limit 1 offset $1`,
        [which],
    );
    return { ...(row as Pick<Demo, "written" | "unwritten" | "request" | "phone">), patient: Number(row!.patient), doctor, reference: "" };
}

/** The date that is this number of days ahead. */
const dayAhead = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** The reference of a stay of the demo that has this status. */
async function stayThatIs(status: "booked" | "arrived"): Promise<string> {
    const [row] = await sql("select reference from stays where status = $1 and room_type_id <= 2 order by id limit 1", [status]);
    return String(row!.reference);
}

/** The vaccination afternoon of the demo. */
async function session(): Promise<number> {
    const [row] = await sql("select min(id)::integer as id from groups where state = 'published'", []);
    return Number(row!.id);
}

/** A session of the first doctor of the demo, which is made where there is none. */
async function ownSession(): Promise<number> {
    await sql(
        `insert into groups (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, created_at)
         select 1, 1, 3, 'Back school', now() + interval '40 days', now() + interval '40 days 1 hour', 8, now()
         where not exists (select from groups where doctor_id = 1)`,
        [],
    );
    const [row] = await sql("select min(id)::integer as id from groups where doctor_id = 1", []);
    return Number(row!.id);
}

const at = (route: string, path: (demo: Demo) => string = () => route, shows?: string): Face => ({
    route,
    shows,
    open: async (page, demo) => void (await page.goto(path(demo))),
});

/** A list of whom to call, which the first doctor's absence has made. */
async function callList(): Promise<string> {
    const [row] = await sql(
        `with made as (
             insert into call_lists (doctor_id, why, first_day, last_day, made_by, made_at)
             select id, 'absence', current_date, current_date, staff_id, now() from doctors where id = 1 returning id),
         filled as (
             insert into calls (list_id, appointment_id, starts_at)
             select made.id, appointments.id, starts_at from made, appointments
             where doctor_id = 1 and status in ('confirmed', 'completed') order by appointments.id desc limit 5)
         select id from made`,
        [],
    );
    return String(row!.id);
}

const ofList = (route: string, base: string, rest = ""): Face => ({
    route,
    open: async (page) => void (await page.goto(`${base}/${await callList()}${rest}`)),
});

/** A payment for this appointment, which costs 50,000 rupiah: taken by the desk, or on a provider's page. */
async function paymentFor(reference: string, state: "paid" | "paying" | "expired" | "refund_due"): Promise<string> {
    const [row] = await sql(
        `with given_up as (
             update payments set state = 'expired', ended_at = now(), work_due_at = null
             from appointments where appointments.id = appointment_id and reference = $1 and payments.state = 'paying'),
         priced as (update appointments set price_minor = 5000000, currency = 'IDR' where reference = $1 returning id, patient_id)
         insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, started_by, session_ends_at,
                               created_at, paid_at, receipt_number, kept_minor)
         select priced.id, case $2::text when 'paid' then 'cash' else 'demo' end, $2, 5000000, 'IDR',
                case $2 when 'paid' then (select min(id) from staff where role = 'admin') end, patient_id,
                case $2 when 'paid' then null else now() + interval '30 minutes' end, now(),
                case when $2 in ('paid', 'refund_due') then now() end,
                case when $2 in ('paid', 'refund_due') then nextval('receipt_numbers') end,
                case $2 when 'refund_due' then 0 end
         from priced
         returning id`,
        [reference, state],
    );
    if (state === "refund_due")
        await sql(
            `insert into refunds (payment_id, key, why, state, amount_minor, created_at)
             values ($1::bigint, 'test-' || $1::bigint, 'twice', 'due', 5000000, now())`,
            [row!.id],
        );
    return String(row!.id);
}

const ofPayment = (state: Parameters<typeof paymentFor>[1], rest = "", base = "/payments"): Face => ({
    route: `${base}/:payment${rest}`,
    shows: rest === "" ? state : undefined,
    open: async (page, { reference, request }) =>
        void (await page.goto(`${base}/${await paymentFor(base === "/payments" ? reference : request, state)}${rest}`)),
});

/** An offer of the waitlist to somebody, of which they were only told, and the secret of its link. */
async function offer(): Promise<{ id: string; secret: string }> {
    const secret = `offer${Date.now()}${Math.floor(Math.random() * 1e6)}`;
    const [row] = await sql(
        `with entry as (
             insert into waitlist_entries (patient_id, service_id, first_day, last_day, notice_minutes, state, ended_because, joined_at, ended_at)
             select (select min(id) from patients where active), service_id, current_date, current_date + 9, 0, 'ended', 'left', now(), now()
             from offers where doctor_id = 1 order by clinic_id, service_id limit 1
             returning id, patient_id, service_id),
         offered as (
             insert into waitlist_offers
                 (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, state, why, offered_at)
             select entry.id, entry.patient_id, 1, offers.clinic_id, entry.service_id, now() + interval '2 days',
                    now() + interval '2 days 20 minutes', 'told', 'freed', now()
             from entry join offers on offers.doctor_id = 1 and offers.service_id = entry.service_id
             order by offers.clinic_id limit 1
             returning id, patient_id),
         said as (
             insert into messages (kind, channel, recipient, body, patient_id, offer_id, state, not_after, ended_at)
             select 'time_free', 'sms', '+6281255500000', '', patient_id, id, 'sent', now() + interval '2 days', now() from offered
             returning id),
         link as (
             insert into message_links (hash, message_id, purpose, good_until)
             select sha256(convert_to($1, 'UTF8')), id, 'offer', now() + interval '2 days' from said)
         select id from offered`,
        [secret],
    );
    return { id: String(row!.id), secret };
}

/** The secret of the link of a stay of the demo that is to come. */
async function linkOfStay(): Promise<string> {
    const secret = `stay${Date.now()}${Math.floor(Math.random() * 1e6)}`;
    await sql(
        `with stay as (
             select id, patient_id from stays where status = 'booked' and arrival > current_date order by id limit 1),
         said as (
             insert into messages (kind, channel, recipient, body, patient_id, stay_id, state, not_after, ended_at)
             select 'stay_booked', 'sms', '+6281255500000', '', patient_id, id, 'sent', now() + interval '2 days', now() from stay
             returning id)
         insert into message_links (hash, message_id, purpose, good_until)
         select sha256(convert_to($1, 'UTF8')), id, 'stay', now() + interval '2 days' from said`,
        [secret],
    );
    return secret;
}

/** An account of the first doctor at a server of calendars that nobody asks, with all that is asked of its doctor. */
async function calendar(): Promise<void> {
    await sql(
        `with account as (
             insert into calendar_accounts (doctor_id, kind, url, username, secret, language, state, trouble, linked_at, pull_at)
             values (1, 'caldav', 'https://dav.example.com/', 'sari', '', 'en', 'paused', 'unauthorized', now(), now())
             on conflict do nothing returning id),
         calendars as (
             insert into calendar_collections (account_id, href, name, can_write, is_written, reads_busy)
             select id, 'https://dav.example.com/' || name || '/', name, name <> 'Holidays', name = 'Work', name <> 'Work'
             from account, unnest(array['Work', 'Family', 'Holidays']) as name)
         insert into calendar_questions (account_id, doctor_id, appointment_id, kind, wanted_start, because, made_at)
         select account.id, 1, own.id, asked.kind, asked.wanted, asked.because, now()
         from account,
              (select min(id) as id from appointments where doctor_id = 1 and status = 'confirmed') as own,
              (values ('deleted', null, ''), ('moved', now(), ''), ('refused', now(), 'slot_taken')) as asked (kind, wanted, because)`,
        [],
    );
}

/** A webhook of the clinic, or one of the first doctor, which is made where there is none. */
async function webhook(of: "admin" | "doctor"): Promise<string> {
    await sql(
        `insert into webhooks (staff_id, url, description, events, language, state, because, secret, made_at)
         select staff_id, 'https://hooks.example.com/doctor', 'A calendar on the wall', array['appointment.moved'], 'en',
                'paused', 'failing', '0:00', now()
         from doctors where id = 1 and not exists (select from webhooks where webhooks.staff_id = doctors.staff_id)`,
        [],
    );
    const [row] = await sql(
        "select min(webhooks.id) as id from webhooks join staff on staff.id = staff_id where role = $1",
        [of],
    );
    return String(row!.id);
}

const ofOffer = (route: string, base: string): Face => ({
    route,
    open: async (page) => void (await page.goto(`${base}/${(await offer()).id}`)),
});

/** An amount that no provider pays back, of an appointment that was cancelled. */
async function refund(): Promise<string> {
    const [row] = await sql(
        `with paid as (
             insert into payments
                 (appointment_id, provider, state, amount_minor, currency, session_ends_at, created_at, paid_at, receipt_number, kept_minor)
             select id, 'midtrans', 'refund_failed', 15000000, 'IDR', now(), now(), now(), nextval('receipt_numbers'), 0
             from appointments where status = 'cancelled' order by id limit 1
             returning id)
         insert into refunds (payment_id, key, why, state, amount_minor, created_at)
         select id, 'refund-' || id, 'by_clinic', 'failed', 15000000, now() from paid
         returning id`,
        [],
    );
    return String(row!.id);
}

const press = (page: Page, form: string) => page.locator(`main form[action='/form/${form}'] button`).last().click();

/** The reference of a visit of the first doctor that was held in this way: an old one is made to be. */
async function remote(mode: "text" | "video"): Promise<string> {
    const [row] = await sql(
        `update appointments set mode = $1
         where id = (select id from appointments where doctor_id = 1 and status = 'completed' order by id desc limit 1 offset $2)
         returning reference`,
        [mode, mode === "text" ? 0 : 1],
    );
    return String(row!.reference);
}

export const PUBLIC: Face[] = [
    at("/"),
    at("/", () => "/?q=nobody", "nobody is found"),
    at("/doctors/:doctor", ({ doctor }) => `/doctors/${doctor.id}`),
    at("/doctors/:doctor", () => "/doctors/3?clinic=3&service=1", "two clinics"),
    {
        route: "/doctors/:doctor",
        shows: "a time has been taken",
        open: async (page, { doctor }) => {
            const [time] = await timesOf(page.request, doctor);
            // The list does not hear of it.
            await page.route("**/live/**", (route) => route.abort());
            await page.goto(`/doctors/${doctor.id}`);
            await (await Program.ofPatient(page.request)).book(doctor, time!);
            await page.locator(`button.time[value="${seconds(time!)}"]`).click();
            await page.waitForURL(/__err/);
        },
    },
    at("/services/:service", ({ doctor }) => `/services/${doctor.service}`),
    at("/find"),
    at("/sign-in"),
    at("/staff/sign-in"),
    at("/rooms"),
    at("/rooms/:type", () => "/rooms/1"),
    at("/rooms/:type", () => `/rooms/1?arrival=${dayAhead(40)}&departure=${dayAhead(42)}&rooms=2`, "a price"),
    at("/rooms/:type", () => `/rooms/1?arrival=${dayAhead(40)}&departure=${dayAhead(42)}&rooms=20`, "too few are left"),
    at("/privacy"),
    at("/imprint"),
    at("/staff/forgotten"),
    at("/link", () => "/link?key=none", "a link that is not good"),
    at("/demo/messages"),
    at("/demo/call"),
    at("/u/:secret", () => "/u/nobody"),
    {
        route: "/w/:secret",
        open: async (page) => void (await page.goto(`/w/${(await offer()).secret}`)),
    },
    {
        route: "/s/:secret",
        open: async (page) => void (await page.goto(`/s/${await linkOfStay()}`)),
    },
    at("/e/:secret", () => "/e/nobody"),
    at("*", () => "/nothing-here"),
];

export const BOOKING: Face[] = [
    {
        route: "/book/:reference",
        open: async (page, { doctor }) => {
            await page.goto(`/doctors/${doctor.id}`);
            await page.locator("button.time:enabled").nth(7).click();
            await page.waitForURL(/\/book\//);
        },
    },
    {
        route: "/book/:reference",
        shows: "an error",
        open: async (page) => {
            await page.locator("#name").fill("x");
            await page.locator("#phone").fill("nonsense");
            await press(page, "details");
            await expect(page.getByRole("alert")).toBeVisible();
        },
    },
    {
        route: "/sign-in/code",
        open: async (page, demo) => {
            demo.reference = referenceOf(page);
            demo.phone = newPhone();
            await page.locator("#name").fill("Maya Putri");
            await page.locator("#phone").fill(demo.phone);
            await press(page, "details");
            await page.waitForURL(/\/sign-in\/code/);
        },
    },
    {
        route: "/book/:reference/check",
        open: async (page, { phone }) => {
            await page.locator("#code").fill(await codeFor(page.request, phone));
            await press(page, "verify-code");
            await page.waitForURL(/\/check/);
        },
    },
    {
        route: "/appointments/:reference/done",
        open: async (page) => {
            await press(page, "submit");
            await page.waitForURL(/\/done/);
        },
    },
    {
        route: "/a/:secret",
        open: async (page, { phone }) => {
            await page.goto(await linkFor(page.request, phone));
        },
    },
    {
        route: "/a/:secret/move",
        open: async (page, { phone }) => {
            await page.goto(`${await linkFor(page.request, phone)}/move`);
        },
    },
    at("/appointments"),
    at("/appointments/:reference", ({ reference }) => `/appointments/${reference}`),
    at("/appointments/:reference/cancel", ({ reference }) => `/appointments/${reference}/cancel`),
    at("/appointments/:reference/reschedule", ({ reference }) => `/appointments/${reference}/reschedule`),
    {
        route: "/appointments/:reference/reschedule",
        shows: "a time is chosen",
        open: async (page) => {
            await page.locator("button.time:enabled").nth(2).click();
            await page.waitForURL(/starts_at=/);
        },
    },
    {
        route: "/stays/:reference",
        shows: "rooms are held",
        open: async (page) => {
            await page.goto(`/rooms/1?arrival=${dayAhead(40)}&departure=${dayAhead(42)}&rooms=1`);
            await press(page, "take-rooms");
            await page.waitForURL(/\/stays\//);
        },
    },
    {
        route: "/stays/:reference",
        open: async (page) => {
            await press(page, "book-held-rooms");
            await page.waitForURL(/said=booked/);
        },
    },
    {
        route: "/stays/:reference/change",
        open: async (page) => {
            await page.goto(`${new URL(page.url()).pathname}/change`);
        },
    },
    at("/course", ({ doctor }) => `/course?doctor=${doctor.id}&clinic=${doctor.clinic}&service=${doctor.service}`),
    {
        route: "/course",
        shows: "its dates",
        open: async (page) => {
            await page.locator("main form[method='get'] button").click();
            await page.waitForURL(/every=/);
        },
    },
    ofPayment("paying"),
    ofPayment("expired"),
    ofPayment("refund_due"),
    ofPayment("paid"),
    ofPayment("paid", "/receipt"),
    at("/waitlist", () => "/waitlist", "nothing"),
    at("/waitlist/join", ({ doctor }) => `/waitlist/join?service=${doctor.service}&doctor=${doctor.id}&clinic=${doctor.clinic}`),
    at("/waitlist/join", ({ reference }) => `/waitlist/join?instead_of=${reference}`, "sooner"),
    {
        route: "/waitlist",
        shows: "what one waits for",
        open: async (page) => {
            await press(page, "join-waitlist");
            await page.waitForURL(/done=join/);
        },
    },
    at("/groups"),
    { route: "/groups/:group", shows: "the form", open: async (page) => void (await page.goto(`/groups/${await session()}`)) },
    at("/contact"),
    at("/calendar"),
    {
        route: "/calendar",
        shows: "a new address",
        open: async (page) => {
            await press(page, "make-calendar");
            await expect(page.locator("#address")).toBeVisible();
        },
    },
    {
        route: "/appointments/:reference/consultation",
        open: async (page, { reference }) => {
            await sql("update appointments set mode = 'text' where reference = $1", [reference]);
            await page.goto(`/appointments/${reference}/consultation`);
        },
    },
    {
        route: "/appointments/:reference/video",
        open: async (page, { reference }) => {
            await sql("update appointments set mode = 'video' where reference = $1", [reference]);
            await page.goto(`/appointments/${reference}/video`);
        },
    },
];

export const OUTCOME: Face[] = [
    at("/account/data"),
    {
        route: "/erased/:certificate",
        open: async (page) => {
            // Of a record that is not there any more: nothing goes on with it.
            await sql(
                `insert into erasures (certificate, patient_id, patient_made_at, requested_at)
                 select 'K7QM-4D2P-9HXT-R3WB', min(id), '2000-01-01', now() from patients
                 on conflict do nothing`,
            );
            await page.goto("/erased/K7QM-4D2P-9HXT-R3WB");
        },
    },
    at("/account"),
    {
        route: "/account/phone",
        open: async (page) => {
            await page.goto("/account");
            await page.locator("form[action='/form/new-phone'] #phone").fill(newPhone());
            await press(page, "new-phone");
            await page.waitForURL(/account\/phone/);
        },
    },
    at("/appointments", undefined, "visits that are over"),
    at("/appointments/:reference", ({ written }) => `/appointments/${written}`, "a visit that is over"),
    at("/appointments/:reference/prescription", ({ written }) => `/appointments/${written}/prescription`),
];

export const DOCTOR: Face[] = [
    at("/doctor"),
    at("/doctor", () => "/doctor?date=2020-01-01", "a day without appointments"),
    at("/doctor/week"),
    at("/doctor/groups"),
    at("/doctor/groups/new"),
    { route: "/doctor/groups/:group", open: async (page) => void (await page.goto(`/doctor/groups/${await ownSession()}`)) },
    at("/doctor/book"),
    at("/doctor/waitlist"),
    at("/doctor/waitlist/join", ({ patient }) => `/doctor/waitlist/join?patient=${patient}`),
    ofOffer("/doctor/waitlist/offers/:offer", "/doctor/waitlist/offers"),
    at("/doctor/calendars/cal-com"),
    at("/doctor/calendars"),
    {
        route: "/doctor/calendars",
        shows: "a calendar, and what was changed there",
        open: async (page) => {
            await calendar();
            await page.goto("/doctor/calendars");
        },
    },
    at("/doctor/report"),
    at("/doctor/webhooks"),
    {
        route: "/doctor/webhooks/:webhook",
        open: async (page) => void (await page.goto(`/doctor/webhooks/${await webhook("doctor")}`)),
    },
    at("/doctor/walk-in"),
    at("/doctor/course", ({ patient }) => `/doctor/course?doctor=1&clinic=1&service=3&patient=${patient}`),
    {
        route: "/doctor/course",
        shows: "its dates",
        open: async (page) => {
            await page.locator("main form[method='get'] button").click();
            await page.waitForURL(/every=/);
        },
    },
    at("/doctor/block"),
    at("/doctor/calls"),
    ofList("/doctor/calls/:list", "/doctor/calls"),
    ofList("/doctor/calls/:list/move", "/doctor/calls", "/move"),
    at("/doctor/appointments/:reference/reschedule", ({ request }) => `/doctor/appointments/${request}/reschedule`),
    at("/doctor/plan"),
    {
        route: "/doctor/plan",
        shows: "a preview",
        open: async (page) => {
            await page.locator("#week button[value='preview']").click();
            await page.waitForURL(/preview=1/);
        },
    },
    at("/calendar"),
    at("/tokens"),
    {
        route: "/tokens",
        shows: "nothing is said of what it is for",
        open: async (page) => {
            await page.locator("#token_name").evaluate((name) => name.removeAttribute("required"));
            await press(page, "make-token");
            await page.waitForURL(/__err/);
        },
    },
    {
        route: "/tokens",
        shows: "a new token, and the way to revoke one",
        open: async (page) => {
            await page.locator("#token_name").fill("A very long name of a program, which needs some room, indeed");
            await press(page, "make-token");
            await page.waitForURL(/made=/);
            await page.locator("#tokens summary").first().click();
        },
    },
    at("/doctor/appointments/:reference", ({ request }) => `/doctor/appointments/${request}`),
    at("/doctor/appointments/:reference/prescribe", ({ unwritten }) => `/doctor/appointments/${unwritten}/prescribe`),
    at("/doctor/appointments/:reference/prescription", ({ written }) => `/doctor/appointments/${written}/prescription`),
    {
        route: "/doctor/appointments/:reference/consultation",
        open: async (page) => void (await page.goto(`/doctor/appointments/${await remote("text")}/consultation`)),
    },
    {
        route: "/doctor/appointments/:reference/video",
        open: async (page) => void (await page.goto(`/doctor/appointments/${await remote("video")}/video`)),
    },
    at("/doctor/templates"),
    at("/doctor/templates/new"),
    {
        route: "/doctor/templates/:template",
        open: async (page) => {
            const [row] = await sql("select id from prescription_templates where doctor_id = 1 order by id limit 1");
            await page.goto(`/doctor/templates/${row!.id}`);
        },
    },
    at("/doctor/patients/:patient", ({ patient }) => `/doctor/patients/${patient}`),
];

export const DESK: Face[] = [
    at("/staff/glass"),
    at("/staff/find", () => "/staff/find", "nobody was looked for"),
    {
        route: "/staff/find",
        shows: "whom the box found",
        open: async (page) => {
            await page.goto("/admin");
            await page.locator("#find-anybody").fill("wijaya");
            await page.locator("#find-anybody").press("Enter");
            await page.waitForURL(/staff\/find/);
        },
    },
    at("/admin"),
    {
        route: "/admin",
        shows: "nobody is found",
        open: async (page) => {
            await page.goto("/admin");
            await page.locator("#search").fill("nobody-is-called-that");
            await press(page, "search-board");
            await page.waitForURL(/searched=/);
        },
    },
    at("/admin/appointments/:reference", ({ request }) => `/admin/appointments/${request}`),
    at("/admin/day"),
    at("/admin/day", () => "/admin/day?date=2020-01-01", "a day without appointments"),
    at("/admin/week", () => "/admin/week?doctor=1"),
    at("/admin/book"),
    at("/admin/book", ({ patient }) => `/admin/book?patient=${patient}`, "a patient is chosen"),
    {
        route: "/admin/book",
        shows: "an offer is chosen",
        open: async (page) => {
            await page.locator("#offer").selectOption({ index: 1 });
            await page.locator("main form.filters button").click();
            await page.waitForURL(/offer=/);
        },
    },
    {
        route: "/admin/book",
        shows: "a time is chosen",
        open: async (page) => {
            await page.locator("button.time:enabled").first().click();
            await page.waitForURL(/at=/);
        },
    },
    at("/admin/webhooks"),
    {
        route: "/admin/webhooks/:webhook",
        open: async (page) => void (await page.goto(`/admin/webhooks/${await webhook("admin")}`)),
    },
    at("/admin/walk-in"),
    at("/admin/phone-calls"),
    at("/admin/phone-calls", () => "/admin/phone-calls?open=1", "whom to call back"),
    at("/admin/phone-lines"),
    at("/admin/takings"),
    at("/admin/report"),
    at("/admin/report", () => "/admin/report?from=2020-02-01&until=2020-01-01", "days that are no period"),
    at("/admin/report", () => "/admin/report?by=channel", "by the way of booking"),
    ofPayment("paid", "/receipt", "/admin/payments"),
    at("/admin/waitlist"),
    at("/admin/waitlist/join", ({ patient }) => `/admin/waitlist/join?patient=${patient}`),
    ofOffer("/admin/waitlist/offers/:offer", "/admin/waitlist/offers"),
    at("/admin/stop"),
    at("/admin/plans"),
    at("/admin/stop", () => "/admin/stop?whose=3-3", "a doctor is chosen"),
    at("/admin/groups"),
    at("/admin/groups/new"),
    { route: "/admin/groups/:group", open: async (page) => void (await page.goto(`/admin/groups/${await session()}`)) },
    at("/admin/course", ({ patient }) => `/admin/course?doctor=1&clinic=1&service=3&patient=${patient}`),
    {
        route: "/admin/course",
        shows: "its dates",
        open: async (page) => {
            await page.locator("main form[method='get'] button").click();
            await page.waitForURL(/every=/);
        },
    },
    at("/admin/block", () => "/admin/block?doctor=3"),
    at("/admin/closures"),
    at("/admin/calls"),
    ofList("/admin/calls/:list", "/admin/calls"),
    ofList("/admin/calls/:list/move", "/admin/calls", "/move"),
    at("/admin/appointments/:reference/reschedule", ({ request }) => `/admin/appointments/${request}/reschedule`),
    at("/admin/overdue"),
    at("/admin/stays"),
    {
        route: "/admin/stays/:reference",
        open: async (page) => void (await page.goto(`/admin/stays/${await stayThatIs("arrived")}`)),
    },
    {
        route: "/admin/stays/:reference/change",
        open: async (page) => void (await page.goto(`/admin/stays/${await stayThatIs("booked")}/change`)),
    },
    at("/admin/rooms", ({ patient }) => `/admin/rooms?patient=${patient}`),
    at(
        "/admin/rooms/:type",
        ({ patient }) => `/admin/rooms/1?arrival=${dayAhead(50)}&departure=${dayAhead(52)}&rooms=1&patient=${patient}`,
    ),
    at("/admin/backups"),
    at("/admin/locks"),
    at("/admin/payments"),
    at("/admin/payments", () => "/admin/payments?state=expired", "none in a state"),
    {
        route: "/admin/payments/refunds/:refund",
        open: async (page) => void (await page.goto(`/admin/payments/refunds/${await refund()}`)),
    },
    at("/admin/messages"),
    at("/admin/messages", () => "/admin/messages?kind=code&state=failed", "none of a kind"),
    at("/admin/messages/texts"),
    at("/admin/messages/texts/:text/:language", () => "/admin/messages/texts/confirmed/en"),
    at("/admin/messages/texts/:text/:language", () => "/admin/messages/texts/doctors_day/de", "by e-mail alone"),
    at("/admin/privacy"),
    at("/admin/patients/:patient/data", ({ patient }) => `/admin/patients/${patient}/data`),
    at("/admin/security"),
    at("/admin/security", () => "/admin/security?kind=sign_in", "one kind"),
    at("/admin/patients/:patient", ({ patient }) => `/admin/patients/${patient}`),
    at("/admin/patients/:patient/merge", ({ patient }) => `/admin/patients/${patient}/merge`),
    {
        route: "/admin/patients/:patient/merge",
        shows: "two records side by side",
        open: async (page, { patient }) => {
            const [row] = await sql("select id from patients where id <> $1 and active order by created_at, id limit 1", [patient]);
            await page.goto(`/admin/patients/${patient}/merge?with=${row!.id}`);
        },
    },
    at("/admin/staff"),
    at("/admin/phones"),
    at("/account"),
    {
        route: "/admin/integrity",
        open: async (page) => {
            await page.goto("/admin/integrity");
            await press(page, "verify");
            await page.waitForURL(/asked=/);
        },
    },
];

export const ORGANISATION: Face[] = [
    at("/admin/doctors"),
    at("/admin/doctors/new"),
    at("/admin/doctors/:doctor", () => "/admin/doctors/3"),
    at("/admin/doctors/:doctor/plan", () => "/admin/doctors/3/plan"),
    at(
        "/admin/doctors/:doctor/plan",
        () => "/admin/doctors/3/plan?ask_day=2026-01-01&ask_time=09:00&service=1",
        "why a time is not offered",
    ),
    at("/admin/specialities"),
    at("/admin/services"),
    at("/admin/services/new"),
    at("/admin/services/:service", () => "/admin/services/1"),
    {
        route: "/admin/services/:service",
        shows: "errors",
        open: async (page) => {
            await page.locator("#price").fill("much");
            await page.locator("#currency").fill("12");
            await press(page, "put-service");
            await page.waitForURL(/__err=/);
        },
    },
    at("/admin/room-types"),
    at("/admin/room-types/new"),
    at("/admin/room-types/:type", () => "/admin/room-types/1"),
    at("/admin/organisation"),
    at("/admin/clinics"),
    at("/admin/clinics/new"),
    at("/admin/clinics/:clinic", () => "/admin/clinics/1"),
    at("/admin/import"),
    {
        route: "/admin/import",
        shows: "a report, on a page of its own",
        open: async (page) => {
            const example = await page.locator("main pre").textContent();
            await page.locator("#lines").fill(`${example!.trim()}\nDr Nobody,,,nobody,short,Nowhere,,,9,8,,`);
            const checking = page.context().waitForEvent("page");
            await page.locator("button[value='check']").click();
            const report = await checking;
            await report.waitForURL(/report=check/);
            expect(await page.locator("#lines").inputValue()).toContain("Dr Nobody");
            return report;
        },
    },
];

export const FACTOR: Face[] = [
    at("/account/factors"),
    at("/account/confirm"),
    {
        route: "/account/factors/app",
        open: async (page) => {
            await page.goto("/account/factors");
            await press(page, "begin-totp");
            await page.waitForURL(/factors\/app/);
        },
    },
    {
        route: "/account/codes",
        open: async (page) => {
            await page.locator("#code").fill(codeOf(await page.locator("#secret").inputValue()));
            await press(page, "finish-totp");
            await page.waitForURL(/codes/);
        },
    },
    at("/account/factors", undefined, "an app is set up"),
    {
        route: "/staff/sign-in/factor",
        open: async (page, { doctor }) => {
            await page.context().clearCookies();
            await signInAsStaff(page.request, doctor.email);
            await page.goto("/staff/sign-in/factor");
        },
    },
];

/** Who has to sign in how to see which pages. */
export const WALKS: { who: string; faces: Face[]; signIn?: (page: Page, demo: Demo) => Promise<void> }[] = [
    { who: "of admins about the organisation", faces: ORGANISATION, signIn: (page) => signInAsStaff(page.request, "admin@demo.example") },
    { who: "of doctors", faces: DOCTOR, signIn: (page) => signInAsStaff(page.request, "sari@demo.example") },
    { who: "of the desk", faces: DESK, signIn: (page) => signInAsStaff(page.request, "admin@demo.example") },
    { who: "of a second factor", faces: FACTOR, signIn: (page, { doctor }) => signInAsStaff(page.request, doctor.email) },
    { who: "of a booking", faces: BOOKING },
    { who: "that need no account", faces: PUBLIC },
    { who: "about what came of a visit", faces: OUTCOME, signIn: (page, { phone }) => signInAsPatient(page.request, phone) },
];

/** Whether this is the address of a page with this route. */
export function isAt(url: string, route: string): boolean {
    if (route === "*") return true;
    const here = new URL(url).pathname.split("/");
    const parts = route.split("/");
    return here.length === parts.length && parts.every((part, index) => part.startsWith(":") || part === here[index]);
}

/** The routes that `src/app.rs` names. */
export function routesOf(source: string): string[] {
    return [...source.matchAll(/path!\("([^"]*)"\)/g)].map(([, path]) => `/${path}`);
}
