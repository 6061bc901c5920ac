// A patient pays at the provider that the demo plays: pays, fails and tries again, pays later; and a call that is played. With
// JavaScript and without it.
import { sql } from "../support/database";
import { hold, newPhone, prepare, signInAsPatient, submit, timesOf } from "../support/http";
import { expect, test } from "../support/test";
import type { Page } from "@playwright/test";

/** A kind of rooms of its own that is paid before it is booked. */
async function paidRooms(): Promise<number> {
    const [row] = await sql(
        `insert into room_types (clinic_id, name, rooms, price_minor, currency, pay_when, refund_minutes, late_refund_percent)
         select min(id), 'Paid first ' || clock_timestamp(), 5, 85000000, 'IDR', 'before', 2880, 50 from clinics
         returning id`,
    );
    return Number(row!.id);
}

/** Holds a room for two nights. Answers with the path of the stay. */
async function holdRoom(page: Page, kind: number): Promise<string> {
    const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`/rooms/${kind}?arrival=${day(60)}&departure=${day(62)}&rooms=1`);
    await expect(page.locator("main")).toContainText("48 hours");
    await page.locator("#name").fill("Maya Putri");
    await page.locator("form[action='/form/take-rooms'] button").click();
    await expect(page).toHaveURL(/\/stays\//);
    return new URL(page.url()).pathname;
}

/** Presses the button of the provider's page. */
async function act(page: Page, what: "pay" | "fail" | "later"): Promise<void> {
    await page.locator(`button[name='act'][value='${what}']`).click();
    await expect(page).toHaveURL(/\/payments\/\d+/);
}

/** Looks until the provider has said what became of it: the page looks again by itself. */
async function says(page: Page, text: string): Promise<void> {
    await expect(async () => {
        await page.reload();
        await expect(page.locator("main")).toContainText(text, { timeout: 1000 });
    }).toPass({ timeout: 30_000 });
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a patient fails to pay, pays, and has the rooms", { tag: "@once" }, async ({ page }) => {
            await signInAsPatient(page.request, newPhone());
            const stay = await holdRoom(page, await paidRooms());
            await page.locator("form[action='/form/pay-for-rooms'] button").click();
            await act(page, "fail");
            await says(page, "Nothing was booked");
            await page.locator(`main a[href='${stay}']`).first().click();
            await page.locator("form[action='/form/pay-for-rooms'] button").click();
            await act(page, "pay");
            await says(page, "Paid and booked");
            await page.locator("main a.btn.primary").click();
            await expect(page).toHaveURL(new RegExp(stay));
            await expect(page.locator("#paid")).toBeVisible();
            await page.locator("main a[href$='/receipt']").click();
            await expect(page.locator("main")).toContainText(stay.split("/").at(-1)!);
        });

        test("who pays later is waited for", { tag: "@once" }, async ({ page }) => {
            await signInAsPatient(page.request, newPhone());
            await holdRoom(page, await paidRooms());
            await page.locator("form[action='/form/pay-for-rooms'] button").click();
            await act(page, "later");
            await expect(page.locator("main")).toContainText("We wait for your payment");
        });

        test("two appointments are paid at once, and one of them goes back", { tag: "@once" }, async ({ page, service, employed }) => {
            await sql(
                `update services set pay_when = 'before', price_minor = 30000000, currency = 'IDR', refund_minutes = 60, late_refund_percent = 50,
                     instant = true
                 where id = $1`,
                [service.id],
            );
            const [one, other] = [await employed({ service: service.id }), await employed({ service: service.id })];
            const times = await timesOf(page.request, one);
            const first = await prepare(page.request, one, times[0]!);
            await submit(page.request, "add-part", { reference: first });
            const second = await hold(page.request, other, times[4]!);
            await page.goto(`/book/${second}/check`);
            await expect(page.locator("main")).toContainText("600,000");
            await page.locator("form[action='/form/pay-visit'] button").click();
            await expect(page.locator("main")).toContainText("600,000");
            await act(page, "pay");
            await says(page, "Paid and booked");
            // Each has its own share.
            await page.goto(`/appointments/${first}`);
            await expect(page.locator("section[aria-labelledby='paid']")).toContainText("300,000");
            await page.getByRole("main").getByRole("link", { name: "Cancel", exact: true }).click();
            await page.getByRole("button", { name: "Cancel the appointment", exact: true }).click();
            await page.waitForURL(/\/appointments/);
            await page.goto(`/appointments/${first}`);
            await says(page, "paid back");
            await page.goto(`/appointments/${second}`);
            await expect(page.locator("main")).toContainText("Confirmed");
            await expect(page.locator("section[aria-labelledby='paid'] .tag")).toHaveCount(0);
        });

        test("a call is played in which a time is booked", { tag: "@once" }, async ({ page }) => {
            await page.goto("/demo/call");
            await page.locator("button[name='part'][value='begin']").click();
            await page.locator("button[name='part'][value='find_times']").click();
            await expect(page.locator("#slot option")).not.toHaveCount(0);
            await page.locator("#name").fill("Maya Putri");
            await page.locator("button[name='part'][value='book']").click();
            await expect(page.getByRole("alert")).toHaveCount(0);
            await page.locator("button[name='part'][value='end']").click();
            await expect(page.locator("button[name='part'][value='again']")).toBeVisible();
        });
    });
}
