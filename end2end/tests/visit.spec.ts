// Several appointments that belong together: booked all or none, and cancelled as one.
import { expect, test, type Page, type TestInfo } from "@playwright/test";
import { another, identify, newPhone } from "./janji";
import { runOut } from "./database";

/** Weeks away from what other tests choose from; each test and each project begins on a day of its own. */
function day(info: TestInfo, test: number, javaScript: boolean): string {
    const later = 40 + test * 4 + (info.project.name === "phone" ? 2 : 0) + (javaScript ? 1 : 0);
    return new Date(Date.now() + later * 86_400_000).toISOString().slice(0, 10);
}

/** Holds the nth time of a doctor from this day on, and answers with the reference and the time. */
async function hold(page: Page, doctor: number, from: string, n: number): Promise<[string, string]> {
    await page.goto(`/doctors/${doctor}?from=${from}`);
    const values = await page
        .locator("button.time:enabled")
        .evaluateAll((buttons) => buttons.map((button) => (button as HTMLButtonElement).value));
    const value = values.filter((value) => Number(value) >= Date.parse(from) / 1000)[n];
    await page.locator(`button.time[value="${value}"]`).click();
    await page.waitForURL(/\/book\//);
    return [new URL(page.url()).pathname.split("/")[2], value];
}

async function addAnother(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Add another appointment" }).click();
    await expect(page.getByRole("heading", { name: /Your time is kept/ })).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("two appointments are booked together, and cancelled together", async ({ page }, info) => {
            const from = day(info, 0, javaScriptEnabled);
            await hold(page, 1, from, 0);
            await identify(page, newPhone(info), "Rina Hartati", "Headaches in the morning");
            await addAnother(page);
            await page.getByRole("link", { name: "Back to what you have chosen" }).click();
            await page.waitForURL(/\/check/);
            await hold(page, 2, from, 6);
            await page.waitForURL(/\/check/);
            await expect(page.getByText(/^We are holding/)).toHaveCount(2);
            await page.getByRole("button", { name: "Book these 2 appointments" }).click();
            await page.waitForURL(/\/done/);
            const visit = page.getByRole("region", { name: "Part of a visit" });
            await expect(visit.getByRole("listitem")).toHaveCount(1);

            await page.getByRole("main").getByRole("link", { name: "Cancel", exact: true }).click();
            await page.getByRole("button", { name: "Cancel the whole visit" }).click();
            await page.waitForURL(/\/appointments$/);
            await expect(page.locator(".badge")).toHaveText(["Cancelled", "Cancelled"]);
        });

        test("where one of them is gone, nothing is booked, and it can be left out", async ({ page, browser }, info) => {
            const from = day(info, 1, javaScriptEnabled);
            const [first, value] = await hold(page, 1, from, 1);
            await identify(page, newPhone(info), "Agus Salim", "");
            await addAnother(page);
            await hold(page, 2, from, 8);
            await page.waitForURL(/\/check/);
            await runOut(first);
            const clinic = await another(browser, info);
            const other = await clinic.newPage();
            await other.goto(`/doctors/1?from=${from}`);
            await other.locator(`button.time[value="${value}"]`).click();
            await other.waitForURL(/\/book\//);

            await page.getByRole("button", { name: "Book these 2 appointments" }).click();
            await expect(page.getByRole("alert")).toContainText("Your held time ran out and someone else booked it.");
            await expect(page.getByText("This time is no longer held for you.", { exact: false })).toHaveCount(1);
            await page.getByRole("button", { name: /^Leave this one out/ }).first().click();
            await page.getByRole("button", { name: "Book this appointment" }).click();
            await page.waitForURL(/\/done/);
            await expect(page.getByRole("region", { name: "Part of a visit" })).toHaveCount(0);
            await clinic.close();
        });
    });
}
