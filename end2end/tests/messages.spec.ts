// An admin puts messages into the clinic's own words.
import { sql } from "../support/database";
import { signInAsStaff } from "../support/http";
import { expect, test } from "../support/test";

test("an admin edits a text, sees what it costs while typing, and takes it back", { tag: "@once" }, async ({ page }) => {
    await sql("delete from message_text_changes where text_id in (select id from message_texts where wording = 'expired')", []);
    await sql("delete from message_texts where wording = 'expired'", []);
    await signInAsStaff(page.request, "admin@demo.example");
    await page.goto("/admin/messages");
    await page.getByRole("link", { name: "Texts of messages" }).click();
    await page.getByRole("link", { name: "Request expired, English: As shipped" }).click();

    const text = page.getByLabel("To a phone");
    const length = page.locator("#sms-length");
    await expect(length).toContainText("SMS");
    await text.fill("Sorry, nobody answered in time: {when}.");
    await expect(length).toContainText("1 SMS.");
    await text.fill(`Sorry: {when}. ${"x".repeat(160)}`);
    await expect(length).toContainText("2 SMS.");
    // One curved quotation mark.
    await text.fill("We couldn’t answer in time: {when}.");
    await expect(length).toContainText("’");

    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("region", { name: "How it would go out" })).toContainText("We couldn’t answer in time: ");
    await expect(text).toHaveValue("We couldn’t answer in time: {when}.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Request expired, English: Own words" }).click();
    await expect(text).toHaveValue("We couldn’t answer in time: {when}.");
    await page.getByRole("button", { name: "Bring the shipped text back" }).click();
    await expect(page.getByRole("link", { name: "Request expired, English: As shipped" })).toBeVisible();
});
