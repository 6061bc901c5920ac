// The calendars that people have elsewhere: what they fetch, read by a parser of another project (Thunderbird's).
import { expect, test, type APIRequestContext, type Page } from "@playwright/test";
import ICAL from "ical.js";
import { sql } from "./database";
import { bookAsNewPatient, newPhone, offset, signInAsStaff } from "./janji";

/** The appointments of a calendar. */
function events(text: string): ICAL.Event[] {
    const calendar = new ICAL.Component(ICAL.parse(text));
    expect(calendar.getFirstPropertyValue("version")).toBe("2.0");
    return calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
}

/** The only appointment of the calendar at an address, for a program that has signed in nowhere. */
async function fetched(request: APIRequestContext, address: string): Promise<ICAL.Event> {
    const answer = await request.get(address);
    expect(answer.status()).toBe(200);
    expect(answer.headers()["content-type"]).toBe("text/calendar; charset=utf-8");
    const found = events(await answer.text());
    expect(found).toHaveLength(1);
    return found[0]!;
}

const status = (event: ICAL.Event): unknown => event.component.getFirstPropertyValue("status");

async function startOf(reference: string): Promise<Date> {
    const [row] = await sql("select starts_at from appointments where reference = $1", [reference]);
    return row!.starts_at as Date;
}

/** Has an address made on the page of calendars. */
async function makeAddress(page: Page, what: string, button: string): Promise<string> {
    await page.getByLabel(what).check();
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("heading", { name: "Your address is ready" })).toBeVisible();
    const address = await page.getByLabel("Address of your calendar").inputValue();
    expect(address).toMatch(/\/calendars\/[0-9a-f]{64}\.ics$/);
    const link = await page.getByRole("link", { name: "Subscribe in my calendar app" }).getAttribute("href");
    expect(link).toBe(address.replace(/^https?:/, "webcal:"));
    expect(page.url()).not.toContain("calendars/");
    return address;
}

for (const javaScriptEnabled of [true, false]) {
    const n = javaScriptEnabled ? 0 : 10;

    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a patient's own calendar follows what becomes of an appointment", async ({ page, request }, info) => {
            test.slow();
            const reference = await bookAsNewPatient(page, info, 4, n + offset(info));
            const file = await page.getByRole("link", { name: "Add to my calendar" }).getAttribute("href");
            const alone = events(await (await page.request.get(file!)).text());
            expect(alone).toHaveLength(1);
            const uid = alone[0]!.uid;
            expect(alone[0]!.startDate.toJSDate()).toEqual(await startOf(reference));
            expect((await request.get(file!)).status()).toBe(404);

            await page.goto("/appointments");
            await page.getByRole("link", { name: "In my own calendar" }).click();
            const address = await makeAddress(page, /^Only that there is an appointment/, "Make an address");
            await page.reload();
            await expect(page.getByRole("heading", { name: "Your present address" })).toBeVisible();
            await expect(page.getByLabel("Address of your calendar")).toHaveCount(0);

            const requested = await fetched(request, address);
            expect(requested.uid).toBe(uid);
            expect(requested.startDate.toJSDate()).toEqual(await startOf(reference));
            expect(requested.summary).toBe("Appointment (requested)");
            expect(status(requested)).toBe("TENTATIVE");

            await page.goto(`/appointments/${reference}/reschedule`);
            await page.locator("button.time:enabled").nth(n + offset(info) + 2).click();
            await expect(page.getByText("Your appointment has been moved.")).toBeVisible();
            const moved = await fetched(request, address);
            expect(moved.uid).toBe(uid);
            expect(moved.sequence).toBeGreaterThan(requested.sequence);
            expect(moved.startDate.toJSDate()).toEqual(await startOf(reference));
            expect(moved.startDate.toJSDate()).not.toEqual(requested.startDate.toJSDate());

            await page.goto(`/appointments/${reference}/cancel`);
            await page.getByRole("button", { name: "Cancel the appointment" }).click();
            await expect(page.locator(".badge")).toHaveText("Cancelled");
            const cancelled = await fetched(request, address);
            expect(cancelled.uid).toBe(uid);
            expect(cancelled.sequence).toBeGreaterThan(moved.sequence);
            expect(status(cancelled)).toBe("CANCELLED");

            await page.goto("/calendar");
            const detailed = await makeAddress(page, /^With details/, "Make a new one");
            expect((await request.get(address)).status()).toBe(404);
            const named = await fetched(request, detailed);
            const [{ name }] = await sql("select name from doctors where id = 4");
            expect(named.summary).toContain(String(name));

            await page.getByRole("button", { name: "Revoke the address" }).click();
            await expect(page.getByRole("status")).toContainText("has been revoked");
            expect((await request.get(detailed)).status()).toBe(404);
        });
    });
}

test("a doctor's own calendar has the patients' appointments, without their names", async ({ page, request }, info) => {
    const unique = newPhone(info).slice(1);
    const [name, email] = [`Dr Calendar ${unique.slice(-5)}`, `c${unique}@demo.example`];
    // Of this test alone, with what another one has.
    await sql(
        `with account as (
             insert into staff (role, name, email, password_hash)
             select 'doctor', $1, $2, password_hash from staff where email = 'lena@demo.example' returning id
         )
         insert into doctors (staff_id, name, speciality, active) select id, $1, 'General practice', false from account`,
        [name, email],
    );
    await signInAsStaff(page, email);
    await page.getByRole("link", { name: "In my own calendar" }).click();
    const address = await makeAddress(page, /^Only that there is an appointment/, "Make an address");
    expect(events(await (await request.get(address)).text())).toHaveLength(0);

    await page.context().clearCookies();
    await signInAsStaff(page, "sari@demo.example");
    const one = page.locator("main a[href*='/doctor/appointments/']").first();
    await page.goto((await one.getAttribute("href"))!);
    const patient = (await page.getByRole("heading", { level: 1 }).textContent())!;
    const reference = new URL(page.url()).pathname.split("/").pop()!;
    const text = await (await page.request.get(`/appointments/${reference}/calendar.ics`)).text();
    expect(text).not.toContain(patient);
    expect(events(text)[0]!.summary).toContain(reference);
});
