import { expect, test, type Page } from "@playwright/test";
import { another, book, chooseTime, identify, newPhone, offset } from "./janji";

/** Both look at the same list; the first one is faster. */
async function race(first: Page, second: Page, doctor: number, n: number): Promise<string> {
    await second.goto(`/doctors/${doctor}`);
    const value = await second.locator("button.time:enabled").nth(n).getAttribute("value");
    await first.goto(`/doctors/${doctor}`);
    await first.locator(`button.time[value="${value}"]`).click();
    await first.waitForURL(/\/book\//);
    return value!;
}

for (const javaScriptEnabled of [true, false]) {
    const n = javaScriptEnabled ? 20 : 30;

    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("who loses a time keeps what was typed and takes an offer without signing in again", async ({ page, browser }, info) => {
            // The loser has signed in and typed before: that must survive.
            await chooseTime(page, 1, n + offset(info));
            await identify(page, newPhone(info), "Rina Hartati", "Headaches in the morning");

            const winner = await another(browser, info);
            const other = await winner.newPage();
            await page.goto("/doctors/1");
            const button = page.locator("button.time:enabled").nth(n + offset(info) + 3);
            const value = await button.getAttribute("value");
            // A list that was opened before and never heard of the winner: as on a slow network.
            await page.route("**/live/**", (route) => route.abort());
            await page.goto("/doctors/1");
            await other.goto("/doctors/1");
            await other.locator(`button.time[value="${value}"]`).click();
            await other.waitForURL(/\/book\//);

            await page.locator(`button.time[value="${value}"]`).click();
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText("has just been taken");
            await expect(conflict).toContainText("Nothing you entered is lost");
            const offers = conflict.locator(".offers button");
            await expect(offers).toHaveCount(3);
            await offers.first().click();
            await page.waitForURL(/\/check/);
            await expect(page.getByRole("main")).toContainText("Headaches in the morning");
            await book(page);
            await winner.close();
        });
    });
}

test("an open list learns that a time has gone, and that it came back", async ({ page, browser }, info) => {
    const winner = await another(browser, info);
    const other = await winner.newPage();
    const n = 12 + offset(info);
    const value = await race(other, page, 6, n);
    const button = page.locator(`button.time[value="${value}"]`);
    await expect(button).toBeDisabled();
    await expect(button).toContainText("just taken");
    await expect(page.locator("p[role=status]").filter({ hasText: "has just been taken" })).toHaveCount(1);

    // The other one chooses again: the first time is free at once.
    await other.goto("/doctors/6");
    await other.locator("button.time:enabled").nth(n + 20).click();
    await other.waitForURL(/\/book\//);
    await expect(button).toBeEnabled();
    await winner.close();
});

test("a patient who is busy then is told with what", async ({ page }, info) => {
    // A moment at which two doctors of one clinic are free.
    const moments = async (doctor: number) => {
        await page.goto(`/doctors/${doctor}`);
        return page.locator("button.time:enabled").evaluateAll((all) => all.map((one) => (one as HTMLButtonElement).value));
    };
    const others = new Set(await moments(2));
    const both = (await moments(1)).filter((moment) => others.has(moment));
    const value = both[both.length - 1 - offset(info) / 10];

    await page.locator(`button.time[value="${value}"]`).click();
    await page.waitForURL(/\/book\//);
    await identify(page, newPhone(info), "Agus Salim", "");
    const reference = await book(page);

    await page.goto("/doctors/2");
    await page.locator(`button.time[value="${value}"]`).click();
    await page.waitForURL(/\/check/);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("You already have an appointment at");
    await conflict.getByRole("link", { name: "View that appointment" }).click();
    await expect(page.locator(".reference")).toHaveText(reference);
});
