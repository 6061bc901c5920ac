// A patient alone with the pages: finds, books, moves, cancels, signs in.
import { sql } from "../support/database";
import { MAYA, book, codeFor, hold, newPhone, prepare, signInAsPatient, timesOf } from "../support/http";
import { expect, test, type Page } from "../support/test";

/** The times that a list lets one choose. */
const times = (page: Page) => page.locator("button.time:enabled");

test("a new patient finds a doctor and books", { tag: "@everywhere" }, async ({ page, doctor }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Book your appointment");
    await page.getByLabel("Name or speciality").fill(doctor.name.split(" ").pop()!);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("link", { name: doctor.name }).first().click();
    await expect(page.getByText(/All times are clinic time/)).toBeVisible();
    await times(page).nth(3).click();
    await page.waitForURL(/\/book\//);
    await expect(page.getByText(/We are holding/)).toBeVisible();

    const phone = newPhone();
    await page.getByLabel("Your name").fill("Maya Putri");
    await page.getByLabel("Phone number").fill(phone);
    await page.getByLabel(/^Reason for the visit/).fill("A cough");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.waitForURL(/\/sign-in\/code/);
    await page.getByLabel("Code", { exact: true }).fill(await codeFor(page.request, phone));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/check/);
    await expect(page.getByRole("main")).toContainText("Maya Putri");
    await expect(page.getByRole("main")).toContainText("A cough");

    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    await expect(page.locator(".reference")).toHaveText(/^\s*[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\s*$/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your request is with the doctor");
});

test("reloading and going back after a booking change nothing", async ({ page, doctor }) => {
    const [, time] = await timesOf(page.request, doctor);
    const reference = await prepare(page.request, doctor, time!);
    await page.goto(`/book/${reference}/check`);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    await page.reload();
    await expect(page.locator(".reference")).toHaveText(reference);
    await page.goBack();
    await expect(page.locator(".reference")).toHaveText(reference);
});

test("a patient moves an appointment", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(page.request, doctor, time!);
    await page.goto(`/appointments/${reference}/reschedule`);
    await times(page).nth(2).click();
    await page.waitForURL(/starts_at=/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Move this appointment?");
    await page.getByRole("button", { name: "Move it to this time" }).click();
    await expect(page.getByText("Your appointment has been moved.")).toBeVisible();
});

test("a patient cancels an appointment and says why", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await book(page.request, doctor, time!);
    await page.goto("/appointments");
    await page.getByRole("link", { name: "Cancel", exact: true }).click();
    await page.getByLabel(/Would you tell us why/).fill("I am well again");
    await page.getByRole("button", { name: "Cancel the appointment" }).click();
    await expect(page.locator(".badge")).toHaveText("Cancelled");
    const said = page.getByRole("status").filter({ hasText: "Your appointment is cancelled." });
    await expect(said).toBeFocused();
    await page.getByRole("link", { name: "Book again" }).click();
    await page.waitForURL(new RegExp(`/doctors/${doctor.id}`));
});

test("who has signed in goes straight to the summing-up", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await book(page.request, doctor, time!);
    await page.goto(`/doctors/${doctor.id}`);
    await times(page).nth(5).click();
    await page.waitForURL(/\/check/);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    await page.goto("/appointments");
    await expect(page.locator(".visit")).toHaveCount(2);
});

test("what was typed survives an error", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await page.goto(`/book/${await hold(page.request, doctor, time!)}`);
    await page.getByLabel("Your name").fill("Maya Putri");
    await page.getByLabel("Phone number").fill("not a number");
    await page.getByLabel(/^Reason for the visit/).fill("My <b>knee</b></textarea><i>");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await expect(page.getByRole("alert")).toContainText("Enter a phone number such as");
    await expect(page.getByLabel("Your name")).toHaveValue("Maya Putri");
    await expect(page.getByLabel("Phone number")).toHaveValue("not a number");
    await expect(page.getByLabel(/^Reason for the visit/)).toHaveValue("My <b>knee</b></textarea><i>");
    expect(page.url()).not.toContain("Maya");
});

test("neither keeping a hold longer nor another language costs what was typed", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await page.goto(`/book/${await hold(page.request, doctor, time!)}`);
    await page.getByLabel("Your name").fill("Maya Putri");
    await page.getByLabel("Phone number").fill("0812");
    await page.getByLabel(/^Reason for the visit/).fill("A cough");
    await page.getByRole("button", { name: "Keep it longer" }).click();
    await expect(page.getByLabel("Phone number")).toHaveValue("0812");
    await expect(page.getByLabel("Your name")).toHaveValue("Maya Putri");
    await page.getByLabel("Your name").fill("Maya Sari Putri");
    await page.locator("header details.menu summary").click();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page.locator("#name")).toHaveValue("Maya Sari Putri");
    await expect(page.locator("#reason")).toHaveValue("A cough");
});

test("another language keeps what was typed into any form", { tag: "@alive" }, async ({ page }) => {
    await page.goto("/staff/sign-in");
    await page.getByLabel("E-mail").fill("sari@demo.example");
    // Noticed as soon as the page is awake.
    await expect(page.locator("form[data-typed]")).toHaveCount(1);
    await page.locator("header details.menu summary").click();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page.locator("#email")).toHaveValue("sari@demo.example");
});

test("Back from the check leads to the details, and so does every other page", async ({ page, doctor }) => {
    await page.goto(`/doctors/${doctor.id}`);
    await times(page).nth(3).click();
    await page.waitForURL(/\/book\//);
    const details = new URL(page.url()).pathname;
    const phone = newPhone();
    await page.getByLabel("Your name").fill("Maya Putri");
    await page.getByLabel("Phone number").fill(phone);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.waitForURL(/\/sign-in\/code/);
    await page.getByLabel("Code", { exact: true }).fill(await codeFor(page.request, phone));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/check/);
    await page.goto("/sign-in/code");
    await expect(page).toHaveURL(new RegExp(`${details}$`));
    await page.goto("/appointments");
    await page.getByRole("link", { name: "Go on with this booking" }).click();
    await expect(page).toHaveURL(new RegExp(details));
});

test("a menu closes by Escape and by a click elsewhere", { tag: "@alive" }, async ({ page }) => {
    await page.goto("/");
    const button = page.locator("header details.menu summary");
    const german = page.getByRole("button", { name: "Deutsch" });
    await button.click();
    await expect(german).toBeVisible();
    // As soon as the page is awake.
    await expect(async () => {
        await page.keyboard.press("Escape");
        await expect(german).toBeHidden({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await expect(button).toBeFocused();
    await button.click();
    // On a phone the menu lies over the heading.
    await page.locator(".site-foot p").click();
    await expect(german).toBeHidden();
});

test("a time says its date and with whom it is, and a day is a step away", async ({ page, doctor }) => {
    await page.goto(`/doctors/${doctor.id}`);
    await expect(times(page).nth(3)).toHaveAccessibleName(new RegExp(`^\\d\\d:\\d\\d .*\\d{4} ${doctor.name}$`));
    await page.getByText("Go to a day").click();
    await page.locator("details.jump li a").last().click();
    await expect(page.locator(".day h3").last()).toBeInViewport();
});

test("a double click books once", { tag: "@once" }, async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await prepare(page.request, doctor, time!, { ...MAYA, reason: "" });
    await page.goto(`/book/${reference}/check`);
    await page.getByRole("button", { name: "Book this appointment" }).dblclick();
    await page.waitForURL(/\/done/);
    await page.goto("/appointments");
    await expect(page.locator(".visit")).toHaveCount(1);
});

test("a hold counts its minutes down", { tag: "@alive" }, async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await page.goto(`/book/${await hold(page.request, doctor, time!)}`);
    await expect(page.getByText(/min left/)).toBeVisible();
});

test("a hold counts down in a browser whose clock is twenty minutes ahead", { tag: "@alive" }, async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await hold(page.request, doctor, time!);
    await page.clock.install({ time: Date.now() + 20 * 60_000 });
    await page.goto(`/book/${reference}`);
    await expect(page.getByText(/\b(9|10) min left/)).toBeVisible();
    await page.clock.runFor(61_000);
    await expect(page.getByText(/\b(8|9) min left/)).toBeVisible();
});

test("a hold can be kept longer", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    const reference = await hold(page.request, doctor, time!);
    await page.goto(`/book/${reference}`);
    const until = () => sql("select held_until from appointments where reference = $1", [reference]);
    const before = await until();
    await page.getByRole("button", { name: "Keep it longer" }).click();
    await expect.poll(until).not.toEqual(before);
    await expect(page.getByText(/We are holding/)).toBeVisible();
});

test("a wrong code is refused and the right one still works", async ({ page }) => {
    const phone = newPhone();
    await page.goto("/sign-in");
    await page.getByLabel("Phone number").fill(phone);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in\/code/);
    const code = await codeFor(page.request, phone);
    const wrong = code === "000000" ? "000001" : "000000";
    await page.getByLabel("Code", { exact: true }).fill(wrong);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toContainText("This code is not right");
    await page.getByLabel("Code", { exact: true }).fill(code);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/appointments/);
});

test("who signs out has to sign in again", async ({ page }) => {
    await signInAsPatient(page.request, newPhone());
    await page.goto("/appointments");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("/");
    await page.goto("/appointments");
    await expect(page).toHaveURL(/\/sign-in/);
});

test("the pages speak three languages", async ({ page }) => {
    await page.goto("/");
    for (const [name, language] of [
        ["Deutsch", "de"],
        ["Bahasa Indonesia", "id"],
        ["English", "en"],
    ] as const) {
        await page.locator("header details.menu summary").click();
        await page.getByRole("button", { name }).click();
        await expect(page.locator("html")).toHaveAttribute("lang", language);
    }
});
