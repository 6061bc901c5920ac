// What a receptionist does: book for who calls, find a time for who walks in, block time, overbook.
import { expect, test, type Page, type TestInfo } from "@playwright/test";
import { sql } from "./database";
import { another, newPhone, signInAsStaff } from "./janji";

interface Doctor {
    id: number;
    clinic: number;
    service: number;
    name: string;
    email: string;
}

/** A doctor of this test alone, who works around the clock where the day is youngest. */
async function employ(info: TestInfo): Promise<Doctor> {
    const unique = newPhone(info).slice(1);
    const [name, email] = [`Dr Desk ${unique.slice(-5)}`, `d${unique}@demo.example`];
    const [row] = await sql(
        `with clinic as (
             select id from clinics order by extract(hour from now() at time zone time_zone), id limit 1
         ), service as (
             select id from services where mode = 'in_person' and active order by id limit 1
         ), account as (
             insert into staff (role, name, email, password_hash)
             select 'doctor', $1, $2, password_hash from staff where email = 'lena@demo.example' returning id
         ), doctor as (
             insert into doctors (staff_id, name, speciality) select id, $1, 'General practice' from account returning id
         ), offer as (
             insert into offers (doctor_id, clinic_id, service_id)
             select doctor.id, clinic.id, service.id from doctor, clinic, service
         ), plan as (
             insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctor.id, clinic.id, weekday, 0, 1440 from doctor, clinic, generate_series(1, 7) as weekday
         )
         select doctor.id, clinic.id as clinic, service.id as service from doctor, clinic, service`,
        [name, email],
    );
    const number = (name: string): number => Number(row[name]);
    return { id: number("id"), clinic: number("clinic"), service: number("service"), name, email };
}

/** Takes no more bookings, so that no other test meets this doctor. */
async function dismiss(doctor: Doctor): Promise<void> {
    await sql("update doctors set active = false where id = $1", [doctor.id]);
}

const offer = (doctor: Doctor): string => `${doctor.id}-${doctor.clinic}-${doctor.service}`;

async function findPatient(page: Page, phone: string, name: string): Promise<void> {
    await page.getByRole("link", { name: "Book for a patient" }).click();
    await page.getByLabel("Phone number of the patient").fill(phone);
    await page.getByLabel("Name of the patient").fill(name);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/book\?patient=\d+$/);
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a receptionist books for a caller, loses a race without losing a word, and overbooks", async ({ page, browser }, info) => {
            test.slow();
            const doctor = await employ(info);
            await signInAsStaff(page, "admin@demo.example");
            const phone = newPhone(info);
            await findPatient(page, phone, "Maya Putri");
            expect(page.url()).not.toContain(phone.slice(3));
            await expect(page.getByRole("main")).toContainText("Maya Putri");
            await page.getByLabel("Doctor and service").selectOption(offer(doctor));
            await page.getByRole("button", { name: "Show the times" }).click();
            await page.waitForURL(/offer=/);
            await page.locator("button.time:enabled").nth(3).click();
            await page.waitForURL(/at=\d+/);
            const check = page.url();
            await page.getByLabel(/^Reason for the visit/).fill("A cough that does not go away");

            // Somebody at another desk is faster.
            const desk = await another(browser, info);
            const colleague = await desk.newPage();
            await signInAsStaff(colleague, "admin@demo.example");
            await findPatient(colleague, newPhone(info), "Agus Salim");
            const others = new URL(colleague.url()).searchParams.get("patient")!;
            await colleague.goto(check.replace(/patient=\d+/, `patient=${others}`));
            await colleague.getByRole("button", { name: "Book this appointment" }).click();
            await colleague.waitForURL(/\/admin\/appointments\//);
            await expect(colleague.locator(".page-head .badge")).toHaveText("Confirmed");
            await expect(colleague.locator("ol.timeline")).toContainText("Booked for the patient");

            await page.getByRole("button", { name: "Book this appointment" }).click();
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText("has just been taken.");
            await expect(conflict).toContainText("Nothing you entered is lost");
            await expect(conflict.locator(".offers button").first()).toBeVisible();
            await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();

            // It cannot wait.
            await page.getByRole("textbox", { name: "Why it cannot wait" }).fill("Severe pain");
            await page.getByRole("button", { name: "Overbook this time" }).click();
            await page.waitForURL(/\/admin\/appointments\//);
            await expect(page.locator(".page-head .badge.overbooked")).toHaveText("Overbooked");
            await expect(page.getByRole("main")).toContainText("A cough that does not go away");
            await expect(page.locator("ol.timeline")).toContainText("Severe pain");
            await page.goto(`/admin?doctor=${doctor.id}&from=`);
            await expect(page.locator(".badge.overbooked")).toHaveCount(1);

            // An offer would have done, too.
            await colleague.goto(check.replace(/patient=\d+/, `patient=${others}`));
            await colleague.getByRole("button", { name: "Book this appointment" }).click();
            await expect(colleague.getByRole("alert")).toBeVisible();
            await desk.close();
            await dismiss(doctor);
        });

        test("who walks in gets the next free time, and when none is left, one of somebody else's", async ({ page }, info) => {
            const doctor = await employ(info);
            await signInAsStaff(page, "admin@demo.example");
            const walkIn = async (name: string): Promise<void> => {
                await page.goto("/admin");
                await page.getByRole("link", { name: "Walk-in" }).click();
                await page.getByLabel("Phone number of the patient").fill(newPhone(info));
                await page.getByLabel("Name of the patient").fill(name);
                await page.getByLabel("Doctor and service").selectOption(offer(doctor));
                await page.getByRole("button", { name: "Book the next free time" }).click();
            };
            await walkIn("Budi Hartono");
            await page.waitForURL(/\/admin\/appointments\//);
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("Budi Hartono");
            await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");

            await sql("delete from working_hours where doctor_id = $1", [doctor.id]);
            await walkIn("Citra Lestari");
            const notice = page.getByRole("alert");
            await expect(notice).toContainText(`${doctor.name} has no free time left today.`);
            await expect(page.getByLabel("Name of the patient")).toHaveValue("Citra Lestari");
            await notice.getByRole("link", { name: "Overbook" }).click();
            await page.getByRole("textbox", { name: "Why it cannot wait" }).fill("A deep cut");
            await page.getByRole("button", { name: "Overbook this time" }).click();
            await page.waitForURL(/\/admin\/appointments\//);
            await expect(page.locator(".page-head .badge.overbooked")).toBeVisible();
            await dismiss(doctor);
        });

        test("a doctor blocks an hour, and is told who is in it", async ({ page }, info) => {
            const doctor = await employ(info);
            await signInAsStaff(page, doctor.email);
            await findPatient(page, newPhone(info), "Dewi Anggraini");
            await page.locator("button.time:enabled").first().click();
            await page.getByRole("button", { name: "Book this appointment" }).click();
            await page.waitForURL(/\/doctor\/appointments\//);
            const reference = new URL(page.url()).pathname.split("/").pop()!;
            const [{ day, from }] = await sql(
                `select (starts_at at time zone time_zone)::date::text as day,
                        to_char(starts_at at time zone time_zone, 'HH24:MI') as from
                 from appointments join clinics on clinics.id = clinic_id where reference = $1`,
                [reference],
            );
            await page.goto(`/doctor?date=${day}`);
            await page.getByRole("link", { name: "Block time" }).click();
            await expect(page.getByLabel("Date")).toHaveValue(String(day));
            await page.getByLabel("From").fill(String(from));
            await page.getByLabel("Until").fill("24:00");
            await page.getByLabel(/^Note/).fill("Dentist");
            await page.getByRole("button", { name: "Block this time" }).click();
            await page.waitForURL(/saved=block/);
            const notice = page.getByRole("status");
            await expect(notice).toContainText("Blocked:");
            await expect(notice.getByRole("link")).toContainText(reference);
            await notice.getByRole("link").click();
            await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");
            await dismiss(doctor);
        });
    });
}
