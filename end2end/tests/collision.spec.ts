// Every row of "When two people want the same thing": what is said, and the next step that is offered.
import { closeDay } from "../support/clinic";
import { countAt, lock, runOut, sql } from "../support/database";
import { Program, book, hold, prepare, seconds, signInAsStaff, timesOf } from "../support/http";
import { expect, test, type Page } from "../support/test";

const RINA = { name: "Rina Hartati", reason: "Headaches in the morning" };

const bookNow = (page: Page) => page.getByRole("button", { name: "Book this appointment" }).click();

test("a hold that ran out is held again where the time is free, and nobody notices", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await prepare(page.request, doctor, time!, RINA);
    await page.goto(`/book/${reference}/check`);
    await runOut(reference);
    await bookNow(page);
    await page.waitForURL(/\/done/);
    await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a hold that ran out and was taken is said so, and an offer is one click away", async ({ page, request, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await prepare(page.request, doctor, time!, RINA);
    await page.goto(`/book/${reference}/check`);
    await runOut(reference);
    await hold(request, doctor, time!);

    await bookNow(page);
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("Your held time ran out and someone else booked it.");
    await expect(conflict).toContainText("Nothing you entered is lost");
    await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();
    const offers = conflict.locator(".offers button");
    await expect(offers).toHaveCount(3);
    await offers.first().click();
    await page.waitForURL(/\/check/);
    await expect(page.getByRole("main")).toContainText(RINA.reason);
    await bookNow(page);
    await page.waitForURL(/\/done/);
});

test("who is busy then may have this time instead of the other one", async ({ page, doctor, employed }) => {
    const colleague = await employed();
    const [time] = await timesOf(page.request, doctor);
    const first = await book(page.request, doctor, time!, RINA);
    const second = await hold(page.request, colleague, time!);
    await page.goto(`/book/${second}/check`);
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText(/You already have an appointment at .* that day\./);
    await expect(conflict.getByRole("link", { name: "View that appointment" })).toBeVisible();
    await conflict.getByRole("button", { name: "Move that appointment to this time" }).click();
    await page.waitForURL(/\/done/);
    await page.goto(`/appointments/${first}`);
    await expect(page.locator(".badge").first()).toHaveText("Cancelled");
});

test("a time that the clinic closed meanwhile is said so, with others", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await page.goto(`/doctors/${doctor.id}`);
    await closeDay(doctor, time!);
    await page.locator(`button.time[value="${seconds(time!)}"]`).click();
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("The clinic has closed this time.");
    await expect(conflict.locator(".offers button")).toHaveCount(3);
    await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();
});

test("a time that cannot be held while the database is busy is held with one button", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const hour = [doctor.id, time];
    await sql("insert into calendar_hours values ($1, date_trunc('hour', $2::timestamptz)) on conflict do nothing", hour);
    await page.goto(`/doctors/${doctor.id}`);
    const letGo = await lock(
        "select from calendar_hours where doctor_id = $1 and starts_at = date_trunc('hour', $2::timestamptz) for update",
        hour,
    );
    await page.locator(`button.time[value="${seconds(time!)}"]`).click();
    const busy = page.getByRole("alert");
    await expect(busy).toContainText("We could not finish in time. Nothing was booked");
    const key = await page.locator("#times-form input[name=key]").getAttribute("value");
    expect(page.url()).toContain(`__key=${key}`);
    await letGo();
    await busy.getByRole("button", { name: "Try again" }).click();
    await page.waitForURL(/\/book\//);
    expect(await countAt(doctor.id, time!)).toBe(1);
});

test("a booking that a busy database could not finish is made once with one button", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await prepare(page.request, doctor, time!, RINA);
    await page.goto(`/book/${reference}/check`);
    const letGo = await lock("select from appointments where reference = $1 for update", [reference]);
    await bookNow(page);
    const busy = page.getByRole("alert");
    await expect(busy).toContainText("We could not finish in time. Nothing was booked");
    await letGo();
    await busy.getByRole("button", { name: "Try again" }).click();
    await page.waitForURL(/\/done/);
    expect(await countAt(doctor.id, time!)).toBe(1);
});

test("a patient is told what the doctor did meanwhile, and may still cancel", async ({ page, request, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(page.request, doctor, time!, RINA);
    await page.goto(`/appointments/${reference}/cancel`);
    await (await Program.ofStaff(request, doctor.email)).change(reference, "confirmed");

    await page.getByRole("main").getByRole("button", { name: /^Cancel/ }).click();
    const notice = page.getByRole("alert");
    await expect(notice).toContainText(/Test \d+ confirmed this appointment (at|on) .*, while you were looking at it/);
    await expect(notice).toContainText("Confirmed");
    await notice.getByRole("button", { name: /^Try again/ }).click();
    await expect(notice).toHaveCount(0);
    await page.goto(`/appointments/${reference}`);
    await expect(page.locator(".badge").first()).toHaveText("Cancelled");
});

test("a doctor is told that the patient has cancelled", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const patient = await Program.ofPatient(request);
    const reference = await patient.book(doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}`);
    await patient.change(reference, "cancelled");

    await page.getByRole("button", { name: "Confirm" }).first().click();
    const notice = page.getByRole("alert");
    await expect(notice).toContainText(/The patient cancelled this appointment (at|on) /);
    await expect(notice.getByRole("button", { name: /^Try again/ })).toHaveCount(0);
    await expect(notice.getByRole("link")).toBeVisible();
});
