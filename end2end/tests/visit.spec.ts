// Several appointments that belong together: booked all or none, and cancelled as one.
import { runOut } from "../support/database";
import { hold, prepare, seconds, submit, timesOf } from "../support/http";
import { expect, test } from "../support/test";

test("two appointments are booked together", async ({ page, doctor, employed }) => {
    const colleague = await employed();
    const times = await timesOf(page.request, doctor);
    const first = await prepare(page.request, doctor, times[0]!);
    await page.goto(`/book/${first}/check`);
    await page.getByRole("button", { name: "Add another appointment" }).click();
    await expect(page.getByRole("heading", { name: /Your time is kept/ })).toBeVisible();
    await page.getByRole("link", { name: "Back to what you have chosen" }).click();
    await page.waitForURL(/\/check/);

    await page.goto(`/doctors/${colleague.id}`);
    await page.locator(`button.time[value="${seconds(times[4]!)}"]`).click();
    await page.waitForURL(/\/check/);
    await expect(page.getByText(/^We are holding/)).toHaveCount(2);
    await page.getByRole("button", { name: "Book these 2 appointments" }).click();
    await page.waitForURL(/\/done/);
    await expect(page.getByRole("region", { name: "Part of a visit" }).getByRole("listitem")).toHaveCount(1);
});

test("two appointments that were booked together are cancelled together", async ({ page, doctor, employed }) => {
    const colleague = await employed();
    const times = await timesOf(page.request, doctor);
    const first = await prepare(page.request, doctor, times[0]!);
    await submit(page.request, "add-part", { reference: first });
    const second = await hold(page.request, colleague, times[4]!);
    await submit(page.request, "submit-visit", { parts: `${first},${second}` });

    await page.goto(`/appointments/${first}`);
    await page.getByRole("main").getByRole("link", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Cancel the whole visit" }).click();
    await page.waitForURL(/\/appointments\?cancelled=1$/);
    await expect(page.locator(".badge")).toHaveText(["Cancelled", "Cancelled"]);
});

test("where one of them is gone, nothing is booked, and it can be left out", async ({ page, request, doctor, employed }) => {
    const colleague = await employed();
    const times = await timesOf(page.request, doctor);
    const first = await prepare(page.request, doctor, times[1]!);
    await submit(page.request, "add-part", { reference: first });
    const second = await hold(page.request, colleague, times[6]!);
    await page.goto(`/book/${second}/check`);
    await runOut(first);
    await hold(request, doctor, times[1]!);

    await page.getByRole("button", { name: "Book these 2 appointments" }).click();
    await expect(page.getByRole("alert")).toContainText("Your held time ran out and someone else booked it.");
    await expect(page.getByText("This time is no longer held for you.", { exact: false })).toHaveCount(1);
    await page.getByRole("button", { name: /^Leave this one out/ }).first().click();
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    await expect(page.getByRole("region", { name: "Part of a visit" })).toHaveCount(0);
});
