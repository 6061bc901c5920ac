// A text consultation, open on both sides.
import { sql } from "../support/database";
import { Program, book, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

test("a patient and a doctor write to each other while both look", { tag: "@alive" }, async ({ page, another, doctor }) => {
    const patient = await another();
    const [time] = await timesOf(page.request, doctor);
    const reference = await book(patient.request, doctor, time!);
    await (await Program.ofStaff(page.request, doctor.email)).change(reference, "confirmed", "in_progress");
    await sql("update appointments set mode = 'text' where reference = $1", [reference]);
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor/appointments/${reference}/consultation`);
    await expect(page.getByRole("link", { name: /^Write a prescription/ })).toBeVisible();
    // What somebody types stays while the other one writes.
    await page.getByLabel("Your message").fill("Since when?");

    await patient.goto(`/appointments/${reference}`);
    await patient.getByRole("link", { name: /^Open the consultation/ }).click();
    await patient.getByLabel("Your message").fill("It itches");
    await patient.getByRole("button", { name: "Send" }).dblclick();
    await expect(page.locator("#thread .said")).toHaveText(["It itches"]);
    await expect(patient.locator("#thread .state")).toHaveText(["Seen"]);

    await expect(page.getByLabel("Your message")).toHaveValue("Since when?");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(patient.locator("#thread .said")).toHaveText(["It itches", "Since when?"]);
    await expect(patient.locator("main [role=status]").last()).toContainText("New message");
    await expect(page.locator("#thread .said")).toHaveText(["It itches", "Since when?"]);
});
