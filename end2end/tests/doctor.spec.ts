// A doctor's ten seconds: keys, several requests at once, a note, and a course.
import { book, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

test("single keys act, never while somebody types, and can be turned off", { tag: "@once" }, async ({ page, doctor }) => {
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/doctor");
    await expect(page.getByRole("button", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(list).toBeVisible();
    await expect(list).toContainText("My week");
    await page.keyboard.press("Escape");
    await expect(list).toBeHidden();

    await page.keyboard.press("/");
    const search = page.locator("#find-anybody");
    await expect(search).toBeFocused();
    await page.keyboard.type("wp?");
    await expect(search).toHaveValue("wp?");
    await search.fill("");
    await search.blur();
    await page.keyboard.press("w");
    await page.waitForURL(/\/doctor\/week/);

    await expect(page.getByRole("button", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("?");
    await list.getByRole("checkbox").uncheck();
    await list.getByRole("button", { name: "Close" }).click();
    await page.keyboard.press("t");
    await page.keyboard.press("/");
    await expect(search).not.toBeFocused();
    // The list still opens: whoever is here by accident finds the way back.
    await page.keyboard.press("?");
    await expect(list).toBeVisible();
    await expect(page).toHaveURL(/\/doctor\/week/);
    await list.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    // The browser closes a dialog a moment after its key.
    await expect(list).toBeHidden();
    await page.keyboard.press("t");
    await page.waitForURL(/\/doctor$/);
});

test("a doctor confirms two requests at once and notes something", async ({ page, another, doctor }) => {
    const times = await timesOf(page.request, doctor);
    const patients = [await another(), await another()];
    const references = [
        await book(patients[0]!.request, doctor, times[0]!),
        await book(patients[1]!.request, doctor, times[1]!),
    ];
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/doctor");
    for (const reference of references) await page.locator(`input[value^="${reference}:"]`).check();
    await page.getByRole("button", { name: "Confirm the ticked requests" }).click();
    await expect(page.getByRole("status").filter({ hasText: "2 requests are confirmed." })).toBeVisible();

    await page.goto(`/doctor/appointments/${references[0]}`);
    await page.getByRole("textbox", { name: "Note" }).fill("No fever");
    await page.getByRole("button", { name: "Save the note" }).click();
    await expect(page.getByText("The note is saved.")).toBeVisible();
    await patients[0]!.goto(`/appointments/${references[0]}`);
    await expect(patients[0]!.getByText("No fever")).toHaveCount(0);
});

test("a patient books a course and gives up the rest of it", async ({ page, doctor }) => {
    const [time] = await timesOf(page.request, doctor);
    await book(page.request, doctor, time!);
    await page.goto(`/doctors/${doctor.id}`);
    await page.getByRole("link", { name: "Book several dates" }).click();
    await page.getByLabel("What is counted").selectOption("days");
    for (const day of await page.locator("fieldset.checks input:checked").all()) await day.uncheck();
    await page.getByLabel("Time", { exact: true }).fill("10:00");
    await page.getByLabel("How many").fill("3");
    await page.getByRole("button", { name: "Show the dates" }).click();
    await expect(page.getByRole("heading", { name: "Dates" })).toBeVisible();
    await page.getByRole("button", { name: "Book these dates" }).click();
    await page.waitForURL(/\/done/);
    await page.goto(page.url().replace("/done", "/cancel"));
    await page.getByRole("button", { name: "Cancel this and all later ones" }).click();
    await page.waitForURL(/cancelled=1/);
});
