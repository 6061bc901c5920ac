// Every row of "When two people want the same thing": what is said, and the next step that is offered.
import { expect, test, type Page, type TestInfo } from "@playwright/test";
import { lock, runOut, sql } from "./database";
import { another, book, identify, newPhone, signInAsStaff } from "./janji";

const DOCTOR = 3;
const EMAIL = "lena@demo.example";

/** Weeks away from what other tests choose from; the day of one test is its own, and one on which the doctor works. */
function day(info: TestInfo, test: number, javaScript: boolean): string {
    const date = new Date(Date.now() + 15 * 86_400_000);
    let left = test * 4 + (info.project.name === "phone" ? 2 : 0) + (javaScript ? 1 : 0);
    while (left > 0 || date.getUTCDay() % 6 === 0) {
        if (date.getUTCDay() % 6 !== 0) left -= 1;
        date.setUTCDate(date.getUTCDate() + 1);
    }
    return date.toISOString().slice(0, 10);
}

const list = (from: string, doctor = DOCTOR): string => `/doctors/${doctor}?from=${from}`;

/** The free times from this day on. The list begins earlier: it has pages of ten days. */
async function timesOf(page: Page, from: string, doctor = DOCTOR): Promise<string[]> {
    await page.goto(list(from, doctor));
    const all = page.locator("button.time:enabled");
    const values = await all.evaluateAll((buttons) => buttons.map((button) => (button as HTMLButtonElement).value));
    return values.filter((value) => Number(value) >= Date.parse(from) / 1000);
}

async function timeOf(page: Page, from: string): Promise<string> {
    return (await timesOf(page, from))[0];
}

/** Holds this time, and answers with the reference. */
async function choose(page: Page, from: string, value: string, doctor = DOCTOR): Promise<string> {
    await page.goto(list(from, doctor));
    await page.locator(`button.time[value="${value}"]`).click();
    await page.waitForURL(/\/book\//);
    return new URL(page.url()).pathname.split("/")[2];
}

async function holdAndIdentify(page: Page, info: TestInfo, from: string, value: string): Promise<string> {
    const reference = await choose(page, from, value);
    await identify(page, newPhone(info), "Rina Hartati", "Headaches in the morning");
    return reference;
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a hold that ran out is held again where the time is free, and nobody notices", async ({ page }, info) => {
            const from = day(info, 0, javaScriptEnabled);
            const reference = await holdAndIdentify(page, info, from, await timeOf(page, from));
            await runOut(reference);
            await page.getByRole("button", { name: "Book this appointment" }).click();
            await page.waitForURL(/\/done/);
            await expect(page.getByRole("alert")).toHaveCount(0);
        });

        test("a hold that ran out and was taken is said so, and an offer is one click away", async ({ page, browser }, info) => {
            const from = day(info, 1, javaScriptEnabled);
            const value = await timeOf(page, from);
            const reference = await holdAndIdentify(page, info, from, value);
            await runOut(reference);
            const clinic = await another(browser, info);
            await choose(await clinic.newPage(), from, value);

            await page.getByRole("button", { name: "Book this appointment" }).click();
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText("Your held time ran out and someone else booked it.");
            await expect(conflict).toContainText("Nothing you entered is lost");
            await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();
            const offers = conflict.locator(".offers button");
            await expect(offers).toHaveCount(3);
            await offers.first().click();
            await page.waitForURL(/\/check/);
            await expect(page.getByRole("main")).toContainText("Headaches in the morning");
            await book(page);
            await clinic.close();
        });

        test("who is busy then may have this time instead of the other one", async ({ page }, info) => {
            const from = day(info, 2, javaScriptEnabled);
            // A moment at which two doctors are free.
            const others = new Set(await timesOf(page, from, 1));
            const value = (await timesOf(page, from, 2)).find((moment) => others.has(moment))!;
            await choose(page, from, value, 2);
            await identify(page, newPhone(info), "Agus Salim", "");
            const first = await book(page);

            await choose(page, from, value, 1);
            await page.getByRole("button", { name: "Book this appointment" }).click();
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText(/You already have an appointment at .* that day\./);
            await expect(conflict.getByRole("link", { name: "View that appointment" })).toBeVisible();
            await conflict.getByRole("button", { name: "Have this time instead of it" }).click();
            await page.waitForURL(/\/done/);
            await page.goto(`/appointments/${first}`);
            await expect(page.locator(".badge").first()).toHaveText("Cancelled");
        });

        test("a time that the clinic closed meanwhile is said so, with others", async ({ page }, info) => {
            const from = day(info, 3, javaScriptEnabled);
            const value = await timeOf(page, from);
            await sql(
                `insert into plan_exceptions (doctor_id, clinic_id, day)
                 select distinct doctor_id, clinic_id, (to_timestamp($2) at time zone time_zone)::date
                 from offers join clinics on clinics.id = clinic_id where doctor_id = $1
                 on conflict do nothing`,
                [DOCTOR, value],
            );
            await page.locator(`button.time[value="${value}"]`).click();
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText("The clinic has closed this time.");
            await expect(conflict.locator(".offers button")).toHaveCount(3);
            await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();
        });

        test("a database that is busy is tried again with one button, and nothing is booked twice", async ({ page }, info) => {
            const from = day(info, 4, javaScriptEnabled);
            // While choosing: somebody keeps the hour.
            const value = await timeOf(page, from);
            await sql(
                "insert into calendar_hours values ($1, date_trunc('hour', to_timestamp($2))) on conflict do nothing",
                [DOCTOR, value],
            );
            let letGo = await lock(
                "select from calendar_hours where doctor_id = $1 and starts_at = date_trunc('hour', to_timestamp($2)) for update",
                [DOCTOR, value],
            );
            await page.locator(`button.time[value="${value}"]`).click();
            const busy = page.getByRole("alert");
            await expect(busy).toContainText("We could not finish in time. Nothing was booked", { timeout: 15_000 });
            const key = await page.locator("#times-form input[name=key]").getAttribute("value");
            expect(page.url()).toContain(`__key=${key}`);
            await letGo();
            await busy.getByRole("button", { name: "Try again" }).click();
            await page.waitForURL(/\/book\//);
            const reference = new URL(page.url()).pathname.split("/")[2];
            await identify(page, newPhone(info), "Rina Hartati", "Headaches in the morning");

            // While booking: somebody keeps the hold.
            letGo = await lock("select from appointments where reference = $1 for update", [reference]);
            await page.getByRole("button", { name: "Book this appointment" }).click();
            await expect(busy).toContainText("We could not finish in time. Nothing was booked", { timeout: 15_000 });
            await letGo();
            await busy.getByRole("button", { name: "Try again" }).click();
            await page.waitForURL(/\/done/);
            const made = await sql(
                `select count(*)::int as count from appointments
                 where doctor_id = $1 and starts_at = to_timestamp($2) and status not in ('cancelled', 'rejected', 'expired')`,
                [DOCTOR, value],
            );
            expect(made).toEqual([{ count: 1 }]);
        });

        test("a patient is told what the doctor did meanwhile, and may still cancel", async ({ page, browser }, info) => {
            const from = day(info, 5, javaScriptEnabled);
            await holdAndIdentify(page, info, from, await timeOf(page, from));
            const reference = await book(page);
            await page.goto(`/appointments/${reference}/cancel`);

            const clinic = await another(browser, info);
            const doctor = await clinic.newPage();
            await signInAsStaff(doctor, EMAIL);
            await doctor.goto(`/doctor/appointments/${reference}`);
            await doctor.getByRole("button", { name: "Confirm" }).first().click();
            await doctor.waitForURL(/changed=/);

            await page.getByRole("main").getByRole("button", { name: /^Cancel/ }).click();
            const notice = page.getByRole("alert");
            await expect(notice).toContainText(/Lena .*confirmed this appointment (at|on) .*, while you were looking at it/);
            await expect(notice).toContainText("Confirmed");
            await notice.getByRole("button", { name: /^Try again/ }).click();
            await page.goto(`/appointments/${reference}`);
            await expect(page.locator(".badge").first()).toHaveText("Cancelled");
            await clinic.close();
        });

        test("a doctor is told that the patient has cancelled", async ({ page, browser }, info) => {
            const from = day(info, 6, javaScriptEnabled);
            const clinic = await another(browser, info);
            const patient = await clinic.newPage();
            await holdAndIdentify(patient, info, from, await timeOf(patient, from));
            const reference = await book(patient);
            await signInAsStaff(page, EMAIL);
            await page.goto(`/doctor/appointments/${reference}`);

            await patient.goto(`/appointments/${reference}/cancel`);
            await patient.getByRole("main").getByRole("button", { name: /^Cancel/ }).click();
            await patient.waitForURL(new RegExp(`/appointments/${reference}$`));

            await page.getByRole("button", { name: "Confirm" }).first().click();
            const notice = page.getByRole("alert");
            await expect(notice).toContainText(/The patient cancelled this appointment (at|on) /);
            await expect(notice.getByRole("button", { name: /^Try again/ })).toHaveCount(0);
            await expect(notice.getByRole("link")).toBeVisible();
            await clinic.close();
        });
    });
}
