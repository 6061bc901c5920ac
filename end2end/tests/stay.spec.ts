// A patient takes rooms: two taps in the month, the price, the hold, the booking, other days, and the end of it.
import { linkFor, newPhone, signInAsPatient } from "../support/http";
import { expect, test } from "../support/test";

test("a patient chooses rooms by two taps, books, extends and cancels", async ({ page }) => {
    const phone = newPhone();
    await signInAsPatient(page.request, phone);
    await page.goto("/");
    await page.locator("main a[href='/rooms']").click();
    await page.locator("main a[href='/rooms/1']").click();
    // Two months on, where the demo has nothing.
    for (let month = 0; month < 2; month += 1) {
        await page.locator("main nav.actions a").last().click();
    }
    const nights = page.locator("table.month td.free a");
    await nights.nth(4).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/arrival=/);
    await nights.nth(7).click();
    await expect(page).toHaveURL(/departure=/);
    await expect(page.locator("table.month td.chosen")).not.toHaveCount(0);
    await page.locator("#name").fill("Maya Putri");
    await page.locator("form[action='/form/take-rooms'] button").click();
    await expect(page).toHaveURL(/\/stays\//);
    await expect(page.locator(".hold")).toBeVisible();
    await page.locator("form[action='/form/book-held-rooms'] button").click();
    await expect(page).toHaveURL(/said=booked/);
    const stay = new URL(page.url()).pathname;

    // The message that says so leads to the stay, and what is done about it is a button there.
    await page.goto(await linkFor(page.request, phone));
    await expect(page.locator(".reference")).toHaveText(stay.split("/").at(-1)!);
    await expect(page.locator("form[action='/form/link-cancel-stay'] button")).toBeVisible();
    await page.locator(`main a[href='${stay}']`).click();
    await expect(page).toHaveURL(new RegExp(`${stay}$`));

    await page.locator(`main a[href='${stay}/change']`).click();
    const departure = await page.locator("#departure").inputValue();
    const later = new Date(Date.parse(departure) + 86_400_000).toISOString().slice(0, 10);
    await page.locator("#departure").fill(later);
    await page.locator("form[action='/form/change-stay'] button").click();
    await expect(page).toHaveURL(/said=changed/);

    await page.locator("details.fold summary").click();
    await page.locator("form[action='/form/cancel-stay'] button").click();
    await expect(page).toHaveURL(/said=cancelled/);
    await page.goto("/appointments");
    await expect(page.locator(`main a[href='${stay}']`)).toBeVisible();
});

test("at 320 pixels a month of nights fits", async ({ page }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto("/rooms/1");
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(320);
});
