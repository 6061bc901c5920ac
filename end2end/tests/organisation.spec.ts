import { expect, test, type Page } from "@playwright/test";
import { another, book, identify, newPhone, PASSWORD, signInAsStaff } from "./janji";

let doctors = 0;

/** An e-mail address that nobody has. */
function newEmail(project: string): string {
    doctors += 1;
    return `${project}-${Date.now()}-${doctors}@demo.example`;
}

/** Somebody who is new, on every day, with only what has to be filled in. Answers with how many steps it took. */
async function addDoctor(page: Page, name: string, email: string): Promise<number> {
    let steps = 0;
    const step = async (done: Promise<unknown>): Promise<void> => {
        await done;
        steps += 1;
    };
    await step(page.goto("/admin/doctors"));
    await step(page.getByRole("link", { name: "New doctor" }).click());
    await step(page.getByLabel("Name", { exact: true }).fill(name));
    await step(page.getByLabel("Speciality").fill("Dermatology"));
    await step(page.getByLabel("E-mail").fill(email));
    await step(page.getByLabel("First password").fill(PASSWORD));
    await step(page.getByRole("checkbox", { name: "Visit at the clinic" }).check());
    await step(page.getByRole("checkbox", { name: "Saturday" }).check());
    await step(page.getByRole("checkbox", { name: "Sunday" }).check());
    await step(page.getByRole("button", { name: "Add the doctor" }).click());
    await page.waitForURL(/\/admin\/doctors\/\d+/);
    return steps;
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a new doctor is set up from nothing and booked by a patient", async ({ page, browser }, info) => {
            const email = newEmail(info.project.name);
            const name = `Dr Ayu ${email.split("@")[0]}`;
            await signInAsStaff(page, "admin@demo.example");
            const began = Date.now();
            const steps = await addDoctor(page, name, email);
            expect(steps).toBeLessThanOrEqual(10);
            expect(Date.now() - began).toBeLessThan(30_000);
            await expect(page.getByRole("status")).toContainText(`${name} can be booked.`);
            await expect(page.getByRole("region", { name: "The next times that patients are offered" })).toContainText(
                "Visit at the clinic",
            );

            const home = await another(browser, info);
            const patient = await home.newPage();
            await patient.goto(await page.getByRole("link", { name: "Page for patients" }).getAttribute("href") ?? "");
            await patient.locator("button.time:enabled").nth(3).click();
            await patient.waitForURL(/\/book\//);
            await identify(patient, newPhone(info), "Maya Putri", "A rash");
            const reference = await book(patient);

            // The doctor signs in with the first password, and finds the request.
            const clinic = await another(browser, info);
            const doctor = await clinic.newPage();
            await signInAsStaff(doctor, email);
            await doctor.goto(`/doctor/appointments/${reference}`);
            await doctor.getByRole("button", { name: "Confirm" }).first().click();
            await patient.goto(`/appointments/${reference}`);
            await expect(patient.locator(".badge").first()).toHaveText("Confirmed");
            await home.close();
            await clinic.close();
        });

        test("what is not right is said beside what was typed", async ({ page }, info) => {
            await signInAsStaff(page, "admin@demo.example");
            await page.goto("/admin/doctors/new");
            await page.getByLabel("Name", { exact: true }).fill("Dr Twice");
            await page.getByLabel("Speciality").fill("Dermatology");
            await page.getByLabel("E-mail").fill("sari@demo.example");
            await page.getByLabel("First password").fill(`${info.project.name} password`);
            await page.getByRole("checkbox", { name: "Video consultation" }).check();
            await page.getByRole("button", { name: "Add the doctor" }).click();
            const problem = page.getByRole("alert");
            await expect(problem).toContainText("Somebody signs in with this e-mail address already.");
            await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
            await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Dr Twice");
            await expect(page.getByRole("checkbox", { name: "Video consultation" })).toBeChecked();
            await expect(page.getByLabel("First password")).toHaveValue("");
            await problem.getByRole("link").click();
            await expect(page.getByLabel("E-mail")).toBeInViewport();
        });
    });
}

test("the second of two editors of a service sees what is there now, and loses nothing typed", async ({ page, browser }, info) => {
    await signInAsStaff(page, "admin@demo.example");
    await page.goto("/admin/services/new");
    const name = `Check-up ${newEmail(info.project.name).split("@")[0]}`;
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel(/^Price/).fill("45,50");
    await page.getByLabel(/^Currency/).fill("EUR");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name })).toContainText("€ 45.50");

    await page.getByRole("link", { name }).click();
    const office = await another(browser, info);
    const other = await office.newPage();
    await signInAsStaff(other, "admin@demo.example");
    await other.goto(page.url());
    await other.getByLabel("Length").fill("20");
    await other.getByRole("button", { name: "Save" }).click();
    await expect(other.getByRole("status")).toContainText("is saved");

    await page.getByLabel("Length").fill("25");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toContainText(/Maya Putri changed the service/);
    await expect(page.getByLabel("Length")).toHaveValue("25");
    await expect(page.getByText("It is now: 20")).toBeVisible();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name })).toContainText("25 minutes");
    await office.close();
});

test("what is withdrawn cannot be booked from a page that is still open", async ({ page, browser }, info) => {
    const email = newEmail(info.project.name);
    await signInAsStaff(page, "admin@demo.example");
    await addDoctor(page, `Dr Withdrawn ${email.split("@")[0]}`, email);
    const home = await another(browser, info);
    const patient = await home.newPage();
    await patient.goto(await page.getByRole("link", { name: "Page for patients" }).getAttribute("href") ?? "");
    const time = patient.locator("button.time:enabled").first();
    await expect(time).toBeVisible();

    const offers = page.getByRole("region", { name: "What is offered where" });
    const first = offers.getByRole("group").first();
    await first.getByRole("checkbox", { name: "Visit at the clinic" }).uncheck();
    await first.getByRole("checkbox", { name: "Text consultation" }).check();
    await offers.getByRole("button").click();
    await expect(page.getByRole("status")).toContainText("What is offered is saved.");

    await time.click();
    await expect(patient.getByRole("alert")).toBeVisible();
    await expect(patient).toHaveURL(/\/doctors\/\d+/);
    await expect(patient.locator(".pick")).toContainText("Text consultation");
    await home.close();
});
