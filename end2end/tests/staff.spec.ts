import { expect, test } from "@playwright/test";
import { another, bookAsNewPatient, offset, signInAsStaff } from "./janji";

for (const javaScriptEnabled of [true, false]) {
    const n = javaScriptEnabled ? 15 : 25;

    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a doctor confirms, starts and completes, and the admin sees it", async ({ page, browser }, info) => {
            const clinic = await another(browser, info);
            const patient = await clinic.newPage();
            const reference = await bookAsNewPatient(patient, info, 3, n + offset(info));

            await signInAsStaff(page, "lena@demo.example");
            await expect(page).toHaveURL(/\/doctor$/);
            await page.goto(`/doctor/appointments/${reference}`);
            await page.getByRole("button", { name: "Confirm" }).first().click();
            await page.goto(`/doctor/appointments/${reference}`);
            await expect(page.locator(".page-head .badge, .badge").first()).toHaveText("Confirmed");
            await page.getByRole("button", { name: "Start" }).first().click();
            await page.goto(`/doctor/appointments/${reference}`);
            await page.getByRole("button", { name: "Complete" }).first().click();

            await patient.goto(`/appointments/${reference}`);
            await expect(patient.locator(".badge").first()).toHaveText("Completed");

            const office = await another(browser, info);
            const admin = await office.newPage();
            await signInAsStaff(admin, "admin@demo.example");
            await admin.getByLabel("Patient or reference").fill(reference);
            await admin.getByRole("button", { name: "Filter" }).click();
            expect(admin.url()).toContain(reference);
            await admin.getByRole("link", { name: /^Open/ }).click();
            const history = admin.locator("ol.timeline");
            await expect(history).toContainText("Requested");
            await expect(history).toContainText("Confirmed by Dr Lena");
            await expect(history).toContainText("Completed by Dr Lena");
            await clinic.close();
            await office.close();
        });

        test("a stale page is told who was faster, and may try again on the fresh state", async ({ page, browser }, info) => {
            const clinic = await another(browser, info);
            const patient = await clinic.newPage();
            const place = 88 + n / 5 + offset(info) / 4;
            const reference = await bookAsNewPatient(patient, info, 6, place);
            await signInAsStaff(page, "tom@demo.example");
            await page.goto(`/doctor/appointments/${reference}`);

            // The doctor is still looking at the old time.
            await patient.goto(`/appointments/${reference}/reschedule`);
            await patient.locator("button.time:enabled").nth(place + 20).click();
            await expect(patient.getByText("Your appointment has been moved.")).toBeVisible();

            await page.getByRole("button", { name: "Confirm" }).first().click();
            const notice = page.getByRole("alert");
            await expect(notice).toContainText(/moved this appointment (at|on) .*, while you were looking at it/);
            await expect(notice).toContainText("Waiting for the doctor");
            await notice.getByRole("button", { name: /^Try again/ }).click();
            await page.goto(`/doctor/appointments/${reference}`);
            await expect(page.locator(".badge").first()).toHaveText("Confirmed");
            await clinic.close();
        });

        test("who wants what is no longer possible is told what happened", async ({ page, browser }, info) => {
            const clinic = await another(browser, info);
            const reference = await bookAsNewPatient(await clinic.newPage(), info, 2, 30 + n + offset(info) / 4);
            await signInAsStaff(page, "budi@demo.example");
            await page.goto(`/doctor/appointments/${reference}`);

            const office = await another(browser, info);
            const admin = await office.newPage();
            await signInAsStaff(admin, "admin@demo.example");
            await admin.goto(`/admin/appointments/${reference}`);
            await admin.getByRole("radio", { name: /^Confirm/ }).check();
            await admin.getByRole("button", { name: "Change the status" }).click();
            await admin.goto(`/admin/appointments/${reference}`);
            await expect(admin.locator("ol.timeline")).toContainText("on behalf of the doctor");

            // The doctor's page still shows a request.
            await page.getByLabel("Reason").fill("I am away that day");
            await page.getByRole("button", { name: "Decline" }).click();
            const notice = page.getByRole("alert");
            await expect(notice).toContainText(/confirmed this appointment (at|on)/);
            await expect(notice.locator(".badge")).toHaveText("Confirmed");
            await clinic.close();
            await office.close();
        });
    });
}

test("declining needs a reason, which the patient can read about in the history of the clinic", async ({ page, browser }, info) => {
    const clinic = await another(browser, info);
    const patient = await clinic.newPage();
    const reference = await bookAsNewPatient(patient, info, 2, 80 + offset(info) / 4);
    await signInAsStaff(page, "budi@demo.example");
    await page.goto(`/doctor/appointments/${reference}`);
    await page.getByLabel("Reason").fill("I am away that day");
    await page.getByRole("button", { name: "Decline" }).click();
    await page.goto(`/doctor/appointments/${reference}`);
    await expect(page.locator("ol.timeline")).toContainText("I am away that day");
    await patient.goto(`/appointments/${reference}`);
    await expect(patient.locator(".badge").first()).toHaveText("Declined");
    await clinic.close();
});

test("a doctor who is deactivated cannot be booked from a page that is still open", async ({ page, browser }, info) => {
    // Each project has a doctor of its own, whom no other test books.
    const doctor = { id: info.project.name === "phone" ? 5 : 4 };
    const clinic = await another(browser, info);
    const patient = await clinic.newPage();
    await patient.goto(`/doctors/${doctor.id}`);
    const name = (await patient.getByRole("heading", { level: 1 }).textContent())!;
    const button = patient.locator("button.time:enabled").last();
    await expect(button).toBeVisible();

    await signInAsStaff(page, "admin@demo.example");
    await page.goto("/admin/doctors");
    await page.getByRole("row", { name }).getByRole("button").click();
    await expect(page.getByRole("row", { name })).toContainText(/Activate/);

    await button.click();
    await expect(patient.getByRole("heading", { level: 1 })).toHaveText("We could not find that");

    await page.getByRole("row", { name }).getByRole("button").click();
    await patient.goto(`/doctors/${doctor.id}`);
    await expect(patient.locator("button.time:enabled").first()).toBeVisible();
    await clinic.close();
});
