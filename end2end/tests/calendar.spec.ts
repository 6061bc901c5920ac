// The calendars that people have elsewhere: what they fetch, read by a parser of another project (Thunderbird's).
import type { APIRequestContext } from "@playwright/test";
import ICAL from "ical.js";
import { sql } from "../support/database";
import { Program, book, signInAsStaff, timesOf } from "../support/http";
import { expect, test, type Page } from "../support/test";

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
async function makeAddress(page: Page, what: string | RegExp, button: string): Promise<string> {
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

const ONLY_THAT = /^Only that there is an appointment/;

test("the file of an appointment is read by a calendar, and by nobody who has not signed in", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const reference = await book(page.request, doctor, time!);
    await page.goto(`/appointments/${reference}/done`);
    const file = (await page.getByRole("link", { name: "Add to my calendar" }).getAttribute("href"))!;
    const alone = events(await (await page.request.get(file)).text());
    expect(alone).toHaveLength(1);
    expect(alone[0]!.startDate.toJSDate()).toEqual(await startOf(reference));
    expect((await request.get(file)).status()).toBe(404);
});

test("the address of a calendar is shown once", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await book(page.request, doctor, time!);
    await page.goto("/appointments");
    await page.getByRole("link", { name: "Sync with my calendar" }).click();
    await makeAddress(page, ONLY_THAT, "Create a calendar link");
    await page.reload();
    await expect(page.getByRole("heading", { name: "Your present address" })).toBeVisible();
    await expect(page.getByLabel("Address of your calendar")).toHaveCount(0);
});

test("a patient's own calendar follows what becomes of an appointment", { tag: "@once" }, async ({ page, request, doctor }) => {
    const [time, later] = await timesOf(request, doctor);
    const reference = await book(page.request, doctor, time!);
    const alone = events(await (await page.request.get(`/appointments/${reference}/calendar.ics`)).text());
    const uid = alone[0]!.uid;
    await page.goto("/calendar");
    const address = await makeAddress(page, ONLY_THAT, "Create a calendar link");

    const requested = await fetched(request, address);
    expect(requested.uid).toBe(uid);
    expect(requested.startDate.toJSDate()).toEqual(await startOf(reference));
    expect(requested.summary).toBe("Appointment (requested)");
    expect(status(requested)).toBe("TENTATIVE");

    const staff = await Program.ofStaff(request, doctor.email);
    await staff.move(reference, later!);
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
});

test("a new address of a calendar takes the place of the old one", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    await book(page.request, doctor, time!);
    await page.goto("/calendar");
    const address = await makeAddress(page, ONLY_THAT, "Create a calendar link");
    const detailed = await makeAddress(page, /^With details/, "Make a new one");
    expect((await request.get(address)).status()).toBe(404);
    expect((await fetched(request, detailed)).summary).toContain(doctor.name);
});

test("an address of a calendar that is revoked leads nowhere", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    await book(page.request, doctor, time!);
    await page.goto("/calendar");
    const address = await makeAddress(page, ONLY_THAT, "Create a calendar link");
    await page.getByRole("button", { name: "Revoke the address" }).click();
    await expect(page.getByRole("status")).toContainText("has been revoked");
    expect((await request.get(address)).status()).toBe(404);
});

test("a doctor has an address of a calendar, too", async ({ page, request, doctor }) => {
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/doctor");
    await page.getByRole("link", { name: "Sync with my calendar" }).click();
    const address = await makeAddress(page, ONLY_THAT, "Create a calendar link");
    expect(events(await (await request.get(address)).text())).toHaveLength(0);
});

test("a doctor's calendar file has the patient's appointment, without the name", { tag: "@once" }, async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const reference = await (await Program.ofPatient(request, "Putri Ayu")).book(doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Putri Ayu");
    const text = await (await page.request.get(`/appointments/${reference}/calendar.ics`)).text();
    expect(text).not.toContain("Putri Ayu");
    expect(events(text)[0]!.summary).toContain(reference);
});
