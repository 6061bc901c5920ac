// Two people want the same time, and one of them is looking at a list of times.
import { book, hold, prepare, seconds, timesOf } from "../support/http";
import { expect, test } from "../support/test";

const RINA = { name: "Rina Hartati", reason: "Headaches in the morning" };

test("who loses a time keeps what was typed and takes an offer without signing in again", async ({ page, request, doctor }) => {
    const times = await timesOf(page.request, doctor);
    // The loser has signed in and typed before: that must survive.
    await prepare(page.request, doctor, times[0]!, RINA);
    // A list that was opened before and never heard of the winner: as on a slow network.
    await page.route("**/live/**", (route) => route.abort());
    await page.goto(`/doctors/${doctor.id}`);
    await hold(request, doctor, times[3]!);

    await page.locator(`button.time[value="${seconds(times[3]!)}"]`).click();
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("has just been taken");
    await expect(conflict).toContainText("Nothing you entered is lost");
    const offers = conflict.locator(".offers button");
    await expect(offers).toHaveCount(3);
    await offers.first().click();
    await page.waitForURL(/\/check/);
    await expect(page.getByRole("main")).toContainText(RINA.reason);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
});

test("a time that was let go in another tab is said so", async ({ page, doctor }) => {
    const [first, , second] = await timesOf(page.request, doctor);
    const reference = await hold(page.request, doctor, first!);
    await hold(page.request, doctor, second!);
    await page.goto(`/book/${reference}`);
    const said = page.getByRole("alert");
    await expect(said).toContainText("This time is no longer held for you.");
    await said.getByRole("link", { name: "Go on with that one" }).click();
    await expect(page.getByText(/We are holding/)).toBeVisible();
});

test("an open list learns that a time has gone, and that it came back", { tag: "@alive" }, async ({ page, request, doctor }) => {
    const [, , taken, other] = await timesOf(request, doctor);
    await page.goto(`/doctors/${doctor.id}`);
    const button = page.locator(`button.time[value="${seconds(taken!)}"]`);
    await expect(button).toBeEnabled();
    await hold(request, doctor, taken!);
    await expect(button).toBeDisabled();
    await expect(button).toContainText("just taken");
    const day = page.locator(".day").filter({ has: button });
    await expect(day.locator("header p")).toHaveText(
        new RegExp(`^\\D*${await day.locator("button.time:enabled").count()}\\D`),
    );
    await expect(page.locator("p[role=status]").filter({ hasText: "has just been taken" })).toHaveCount(1);

    // The other one chooses again: the first time is free at once.
    await hold(request, doctor, other!);
    await expect(button).toBeEnabled();
});

test("a patient who is busy then is led to the other appointment", async ({ page, doctor, employed }) => {
    const colleague = await employed();
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(page.request, doctor, time!);
    await page.goto(`/doctors/${colleague.id}`);
    await page.locator(`button.time[value="${seconds(time!)}"]`).click();
    await page.waitForURL(/\/check/);
    // It is said before anybody tries.
    await expect(page.getByRole("button", { name: "Book this appointment" })).toHaveCount(0);
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("You already have an appointment at");
    await conflict.getByRole("link", { name: "View that appointment" }).click();
    await expect(page.locator(".reference")).toHaveText(reference);
});
