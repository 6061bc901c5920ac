// Before a day is cancelled one sees who is hit, and afterwards there is a list of whom to call.
import { sql } from "../support/database";
import { Program, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

const ADMIN = "admin@demo.example";

test("a day is cancelled after the question, and its patients are called", async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, doctor.email);
    const [time] = await timesOf(request, doctor);
    const reference = await desk.book(doctor, time!, await desk.patient("Sri Rahayu"));
    const [row] = await sql(
        `select (starts_at at time zone time_zone)::date::text as day
         from appointments join clinics on clinics.id = clinic_id where reference = $1`,
        [reference],
    );
    await signInAsStaff(page.request, ADMIN);
    await page.goto(`/admin/doctors/${doctor.id}/plan`);
    const form = page.locator("#day");
    await form.getByLabel("Date").fill(String(row!.day));
    await form.locator("input[name='reason']").fill("Dr Test is ill");
    await form.getByRole("button", { name: "Cancel the day" }).click();
    const question = page.locator("#ask");
    await expect(question).toContainText("One appointment is hit");
    await expect(question).toContainText("Sri Rahayu");
    await question.getByRole("button", { name: "Cancel the day and tell the patients" }).click();
    await page.getByRole("link", { name: "Whom to call" }).click();
    await page.waitForURL(/\/admin\/calls\/\d+/);
    await page.getByRole("button", { name: /^Called.*Sri Rahayu/ }).click();
    await expect(page.locator("main")).toContainText("All 1 called");
    await expect(page.getByRole("link", { name: /^Book again.*Sri Rahayu/ })).toBeVisible();
});

test("staff move an appointment by a form: choose, check, move", async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, doctor.email);
    const [time] = await timesOf(request, doctor);
    const reference = await desk.book(doctor, time!, await desk.patient("Agus Salim"));
    await signInAsStaff(page.request, ADMIN);
    await page.goto(`/admin/appointments/${reference}`);
    await page.getByRole("link", { name: /^Move.*Agus Salim/ }).click();
    await page.locator("button.time:enabled").last().click();
    await expect(page.locator("main")).toContainText("Agus Salim");
    await page.locator("main form[action='/form/reschedule'] button").click();
    await page.waitForURL(/moved=/);
    await expect(page.getByRole("status").first()).toContainText("Agus Salim is moved to");
});
