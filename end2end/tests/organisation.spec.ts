// An admin describes who works here and what is offered.
import { addService, unique } from "../support/clinic";
import { sql } from "../support/database";
import { identify, referenceOf, signInAsStaff, submit } from "../support/http";
import { expect, test, type Page } from "../support/test";

const ADMIN = "admin@demo.example";

const FIRST_PASSWORD = "a first password";

/** Adds somebody who is new, on every day, with only what has to be filled in. Answers with how many steps it took. */
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
    await step(page.getByLabel("First password").fill(FIRST_PASSWORD));
    await step(page.getByRole("checkbox", { name: "Visit at the clinic" }).check());
    await step(page.getByRole("checkbox", { name: "Saturday" }).check());
    await step(page.getByRole("checkbox", { name: "Sunday" }).check());
    await step(page.getByRole("button", { name: "Add the doctor" }).click());
    await page.waitForURL(/\/admin\/doctors\/\d+/);
    return steps;
}

/** Ends the bookings of a doctor whom a test has added on the pages. */
const dismiss = (name: string) => sql("update doctors set active = false where name = $1", [name]);

test("a new doctor is set up from nothing in ten steps, and booked by a patient", async ({ page, another }) => {
    const number = unique();
    const [name, email] = [`Dr Ayu ${number}`, `ayu${number}@demo.example`];
    await signInAsStaff(page.request, ADMIN);
    expect(await addDoctor(page, name, email)).toBeLessThanOrEqual(10);
    await expect(page.getByRole("status")).toContainText(`${name} can be booked.`);
    await expect(page.getByRole("region", { name: "The next times that patients are offered" })).toContainText(
        "Visit at the clinic",
    );

    const patient = await another();
    await patient.goto((await page.getByRole("link", { name: "Page for patients" }).getAttribute("href"))!);
    await patient.locator("button.time:enabled").nth(3).click();
    await patient.waitForURL(/\/book\//);
    const reference = referenceOf(patient);
    await identify(patient.request, reference);
    await submit(patient.request, "submit", { reference });

    // The doctor signs in with the first password, and finds the request.
    const doctor = await another();
    await signInAsStaff(doctor.request, email, FIRST_PASSWORD);
    await doctor.goto(`/doctor/appointments/${reference}`);
    await doctor.getByRole("button", { name: "Confirm" }).first().click();
    await doctor.waitForURL(/changed=/);
    await patient.goto(`/appointments/${reference}`);
    await expect(patient.locator(".badge").first()).toHaveText("Confirmed");
    await dismiss(name);
});

test("what is not right about a new doctor is said beside what was typed", async ({ page }) => {
    await signInAsStaff(page.request, ADMIN);
    await page.goto("/admin/doctors/new");
    await page.getByLabel("Name", { exact: true }).fill("Dr Twice");
    await page.getByLabel("Speciality").fill("Dermatology");
    await page.getByLabel("E-mail").fill("sari@demo.example");
    await page.getByLabel("First password").fill("some password");
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

test("a new service is listed with its price, and can be opened", async ({ page }) => {
    await signInAsStaff(page.request, ADMIN);
    await page.goto("/admin/services/new");
    const name = `Check-up ${unique()}`;
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel(/^Price/).fill("45,50");
    await page.getByLabel(/^Currency/).fill("EUR");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name })).toContainText("€ 45.50");
    await page.getByRole("link", { name }).click();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
});

test("the second of two editors of a service sees what is there now, and loses nothing typed", async ({ page, another }) => {
    const name = `Check-up ${unique()}`;
    const path = `/admin/services/${await addService(name)}`;
    await signInAsStaff(page.request, ADMIN);
    await page.goto(path);
    const other = await another();
    await signInAsStaff(other.request, ADMIN);
    await other.goto(path);
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
});

test("what is withdrawn cannot be booked from a page that is still open", async ({ page, another, doctor }) => {
    await signInAsStaff(page.request, ADMIN);
    await page.goto(`/admin/doctors/${doctor.id}`);
    const patient = await another();
    await patient.goto((await page.getByRole("link", { name: "Page for patients" }).getAttribute("href"))!);
    const time = patient.locator("button.time:enabled").first();
    await expect(time).toBeVisible();

    const offers = page.getByRole("region", { name: "What is offered where" });
    const clinic = offers.getByRole("group", { name: "Klinik Harapan" });
    await clinic.getByRole("checkbox", { name: "Text consultation" }).check();
    await clinic.getByRole("checkbox", { name: "Visit at the clinic" }).uncheck();
    await offers.getByRole("button").click();
    await expect(page.getByRole("status")).toContainText("What is offered is saved.");

    await time.click();
    await expect(patient.getByRole("alert")).toBeVisible();
    await expect(patient).toHaveURL(/\/doctors\/\d+/);
    await expect(patient.locator(".pick")).toContainText("Text consultation");
});
