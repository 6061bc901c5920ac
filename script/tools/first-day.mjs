// The first day of a clinic, by the API, on a Janji that has nothing but its first admin: a clinic, a service, a doctor and
// a patient who calls. The last thing that is done is a booking, and that it is there.
//
// JANJI_ADMIN_PASSWORD=… node script/tools/first-day.mjs http://127.0.0.1:3000 you@clinic.example

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const [url, email] = process.argv.slice(2);
let token;

async function call(method, path, body) {
    const answer = await fetch(`${url}/api/v1/${path}`, {
        method,
        headers: {
            "Content-Type": "application/json",
            "Idempotency-Key": randomUUID(),
            ...(token && { Authorization: `Bearer ${token}` }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    assert(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text).data;
}

({ token } = await call("POST", "auth/login", { email, password: process.env.JANJI_ADMIN_PASSWORD }));
const clinic = await call("POST", "clinics", {
    name: "Klinik Pertama",
    address: "Jl. Melati 5",
    city: "Jakarta",
    phone: "+62 21 555 0100",
    time_zone: "Asia/Jakarta",
});
const service = await call("POST", "services", {
    key: "first_visit",
    name: "First visit",
    mode: "in_person",
    duration_minutes: 30,
    interval_minutes: 30,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    notice_minutes: 0,
    horizon_days: 30,
    horizon_unit: "calendar_days",
    cutoff_minutes: 0,
    instant: true,
    active: true,
});
const doctor = await call("POST", "doctors", {
    name: "Dr Ayu Lestari",
    speciality: "General practice",
    email: "ayu@clinic.example",
    password: randomUUID(),
    clinic_id: clinic.id,
    services: [service.id],
    week: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((weekday) => ({
        weekday,
        from: "08:00",
        until: "17:00",
    })),
});
const [time] = await call("GET", `doctors/${doctor.id}/slots?service=first_visit`);
assert(time, "the new doctor has no free time");
const patient = await call("POST", "patients", { phone: "+62 812 5550 0101", name: "Maya Putri" });
const booked = await call("POST", "appointments", {
    doctor_id: doctor.id,
    scheduled_at: time.starts_at,
    type: "first_visit",
    patient_id: patient.id,
});
const found = await call("GET", `appointments/${booked.id}`);
assert.equal(found.status, "confirmed");
console.log(`booked ${found.reference}`);
