// Pages whose forms have several buttons, on a phone without JavaScript.
import { sql } from "../support/database";
import { Program, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });

    test("an admin puts a message into own words, is told what is missing, and brings the shipped text back", { tag: "@once" }, async ({ page }) => {
        await sql("delete from message_text_changes where text_id in (select id from message_texts where wording = 'declined')");
        await sql("delete from message_texts where wording = 'declined'");
        await signInAsStaff(page.request, "admin@demo.example");
        await page.goto("/admin/messages");
        await page.getByRole("link", { name: "Texts of messages" }).click();
        await page.getByRole("link", { name: "Declined, Deutsch: As shipped", exact: true }).click();

        const text = page.getByLabel("To a phone");
        await text.fill("Leider geht es nicht.");
        await page.getByRole("button", { name: "Save" }).click();
        await expect(page).toHaveTitle(/^Error: /);
        await expect(page.getByRole("alert")).toContainText("{when}");
        await expect(text).toHaveValue("Leider geht es nicht.");
        await expect(text).toHaveAttribute("aria-invalid", "true");

        await text.fill("Leider geht es nicht: {when}.");
        await page.getByRole("button", { name: "Preview" }).click();
        await expect(page.getByRole("region", { name: "How it would go out" })).toContainText("Leider geht es nicht: ");
        await expect(text).toHaveValue("Leider geht es nicht: {when}.");
        await page.getByRole("button", { name: "Save" }).click();
        await expect(page.getByRole("status")).toContainText("Saved.");
        await page.getByRole("link", { name: "Declined, Deutsch: Own words", exact: true }).click();
        await expect(text).toHaveValue("Leider geht es nicht: {when}.");
        await page.getByRole("button", { name: "Bring the shipped text back" }).click();
        await expect(page.getByRole("link", { name: "Declined, Deutsch: As shipped", exact: true })).toBeVisible();
    });

    test("a doctor makes a template, prescribes with it, and deletes it", { tag: "@once" }, async ({ page, request, doctor }) => {
        const staff = await Program.ofStaff(request, doctor.email);
        const [time] = await timesOf(request, doctor);
        const reference = await staff.book(doctor, time!, await staff.patient("Dewi Anggraini"));
        await staff.change(reference, "in_progress");
        await signInAsStaff(page.request, doctor.email);
        await page.goto("/doctor/templates");
        await expect(page.getByRole("heading", { name: "No templates yet" })).toBeVisible();
        await page.getByRole("link", { name: "New template" }).click();

        const first = page.getByRole("group", { name: "Medication 1", exact: true });
        await page.getByLabel("Name of the template").fill("Sinusitis");
        await first.getByLabel("Medication", { exact: true }).fill("Amoxicillin");
        await page.getByRole("button", { name: "Save the template" }).click();
        await expect(page.getByRole("alert")).toContainText("Enter the dose.");
        // More rows cost nothing that was typed.
        const rows = page.getByRole("group", { name: /^Medication \d+$/ });
        const count = await rows.count();
        await first.getByLabel("Dose").fill("500 mg");
        await page.getByRole("button", { name: "More rows" }).click();
        expect(await rows.count()).toBeGreaterThan(count);
        await expect(page.getByLabel("Name of the template")).toHaveValue("Sinusitis");
        await expect(first.getByLabel("Dose")).toHaveValue("500 mg");
        await first.getByLabel("How often").fill("3 times a day");
        await first.getByLabel("For how long").fill("7 days");
        await page.getByRole("button", { name: "Save the template" }).click();
        await expect(page.getByRole("status")).toContainText("The template is saved.");

        await page.goto(`/doctor/appointments/${reference}`);
        await page.getByRole("link", { name: /^Write a prescription/ }).click();
        await page.locator("#note").fill("Drink a lot");
        await page.getByRole("button", { name: /Sinusitis/ }).click();
        await expect(first.getByLabel("Medication", { exact: true })).toHaveValue("Amoxicillin");
        await expect(page.locator("#note")).toHaveValue("Drink a lot");
        await page.getByRole("button", { name: "Check the prescription" }).click();
        await expect(page.getByRole("main")).toContainText("3 times a day");

        await page.goto("/doctor/templates");
        await page.getByRole("button", { name: "Delete" }).click();
        await expect(page.getByRole("heading", { name: "No templates yet" })).toBeVisible();
    });
});
