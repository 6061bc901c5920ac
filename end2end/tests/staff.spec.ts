// What becomes of a request: the doctor's pages, the admin's board, and who else is looking.
import { PASSWORD } from "../support/clinic";
import { Program, book, seconds, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

for (const [who, email, home] of [
    ["a doctor", "lena@demo.example", /\/doctor$/],
    ["an admin", "admin@demo.example", /\/admin$/],
] as const) {
    test(`${who} signs in and is at home`, async ({ page }) => {
        await page.goto("/staff/sign-in");
        await page.getByLabel("E-mail").fill(email);
        await page.getByLabel("Password").fill(PASSWORD);
        await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
        await expect(page).toHaveURL(home);
    });
}

test("a doctor confirms, starts and completes, and the patient sees it", async ({ page, another, doctor }) => {
    const patient = await another();
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(patient.request, doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    const badge = page.locator(".page-head .badge, .badge").first();
    for (const [step, status] of [
        ["Confirm", "Confirmed"],
        ["Start", "In progress"],
        ["Complete", "Completed"],
    ] as const) {
        await page.goto(`/doctor/appointments/${reference}`);
        await page.getByRole("button", { name: step }).first().click();
        await page.waitForURL(/changed=/);
        await page.goto(`/doctor/appointments/${reference}`);
        await expect(badge).toHaveText(status);
    }
    await patient.goto(`/appointments/${reference}`);
    await expect(patient.locator(".badge").first()).toHaveText("Completed");
});

test("an admin finds an appointment by its reference and reads its history", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const reference = await (await Program.ofPatient(request)).book(doctor, time!);
    await (await Program.ofStaff(request, doctor.email)).change(reference, "confirmed", "in_progress", "completed");
    await signInAsStaff(page.request, "admin@demo.example");
    await page.goto("/admin");
    await page.getByLabel("Patient or reference").fill(reference);
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByText("One appointment")).toBeVisible();
    await page.getByRole("link", { name: /^Open/ }).click();
    const history = page.locator("aside ol.timeline").first();
    await expect(history).toContainText("Requested");
    await expect(history).toContainText(`Confirmed by ${doctor.name}`);
    await expect(history).toContainText(`Completed by ${doctor.name}`);
});

test("an admin confirms on behalf of the doctor", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const reference = await (await Program.ofPatient(request)).book(doctor, time!);
    await signInAsStaff(page.request, "admin@demo.example");
    await page.goto(`/admin/appointments/${reference}`);
    await page.getByRole("radio", { name: /^Confirm/ }).check();
    await page.getByRole("button", { name: "Change the status" }).click();
    await expect(page.locator("aside ol.timeline").first()).toContainText("on behalf of the doctor");
});

test("a stale page is told who was faster, and may try again on the fresh state", async ({ page, request, doctor }) => {
    const [time, later] = await timesOf(request, doctor);
    const patient = await Program.ofPatient(request);
    const reference = await patient.book(doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}`);
    // The doctor is still looking at the old time.
    await patient.move(reference, later!);

    await page.getByRole("button", { name: "Confirm" }).first().click();
    const notice = page.getByRole("alert");
    await expect(notice).toContainText(/moved this appointment (at|on) .*, while you were looking at it/);
    await expect(notice).toContainText("Waiting for the doctor");
    await notice.getByRole("button", { name: /^Try again/ }).click();
    await expect(notice).toHaveCount(0);
    await page.goto(`/doctor/appointments/${reference}`);
    await expect(page.locator(".badge").first()).toHaveText("Confirmed");
});

test("who wants what is no longer possible is told what happened", async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    const reference = await (await Program.ofPatient(request)).book(doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}`);
    await (await Program.ofStaff(request, "admin@demo.example")).change(reference, "confirmed");

    // The doctor's page still shows a request.
    await page.getByLabel("Reason").fill("I am away that day");
    await page.getByRole("button", { name: "Decline" }).click();
    const notice = page.getByRole("alert");
    await expect(notice).toContainText(/confirmed this appointment (at|on)/);
    await expect(notice.locator(".badge")).toHaveText("Confirmed");
});

test("a doctor declines with a reason, which the history keeps, and the patient sees it declined", async ({ page, another, doctor }) => {
    const patient = await another();
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(patient.request, doctor, time!);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}`);
    await page.getByLabel("Reason").fill("I am away that day");
    await page.getByRole("button", { name: "Decline" }).click();
    await page.waitForURL(/changed=/);
    await page.goto(`/doctor/appointments/${reference}`);
    await expect(page.locator("aside ol.timeline").first()).toContainText("I am away that day");
    await patient.goto(`/appointments/${reference}`);
    await expect(patient.locator(".badge").first()).toHaveText("Declined");
});

test("a doctor who is deactivated cannot be booked from a page that is still open", async ({ page, another, doctor }) => {
    const patient = await another();
    const [time] = await timesOf(page.request, doctor);
    await patient.goto(`/doctors/${doctor.id}`);
    const button = patient.locator(`button.time[value="${seconds(time!)}"]`);
    await expect(button).toBeVisible();

    await signInAsStaff(page.request, "admin@demo.example");
    await page.goto("/admin/doctors");
    const row = page.getByRole("row", { name: doctor.name });
    await row.getByRole("button").click();
    await expect(row).toContainText(/Activate/);
    await button.click();
    await expect(patient.getByRole("heading", { level: 1 })).toHaveText("We could not find that");

    await row.getByRole("button").click();
    await expect(row).toContainText(/Deactivate/);
    await patient.goto(`/doctors/${doctor.id}`);
    await expect(button).toBeEnabled();
});

test("an admin's menus open within the page at every width, and lead on", { tag: "@once" }, async ({ page }) => {
    await signInAsStaff(page.request, "admin@demo.example");
    await page.goto("/admin");
    for (const width of [320, 560, 700, 1180]) {
        await page.setViewportSize({ width, height: 800 });
        for (const name of ["Set-up", "Operation"]) {
            const menu = page.locator(".nav summary", { hasText: name });
            await menu.click();
            await expect(page.locator(".nav details[open] a").first()).toBeVisible();
            const sticksOut = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            expect(sticksOut, `${name} at ${width} pixels`).toBeLessThanOrEqual(0);
            await menu.click();
        }
    }
    await page.locator(".nav summary", { hasText: "Operation" }).click();
    await page.locator(".nav").getByRole("link", { name: "Backups" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Backups");
    await expect(page.locator(".nav summary.is-here")).toHaveText("Operation");
});
