import { expect, test } from "@playwright/test";
import { book, bookAsNewPatient, chooseTime, codeFor, identify, newPhone, offset } from "./janji";

for (const javaScriptEnabled of [true, false]) {
    const n = javaScriptEnabled ? 0 : 10;

    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a patient finds a doctor, books, moves and cancels", async ({ page }, info) => {
            await page.goto("/");
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("Book your appointment");
            await page.getByLabel("Name or speciality").fill("sari");
            await page.getByRole("button", { name: "Find" }).click();
            await page.getByRole("link", { name: /Sari/ }).first().click();
            await expect(page.getByText(/All times are clinic time/)).toBeVisible();

            await page.locator("button.time:enabled").nth(n + offset(info)).click();
            await page.waitForURL(/\/book\//);
            await expect(page.getByText(/We are holding/)).toBeVisible();
            const phone = newPhone(info);
            await identify(page, phone, "Maya Putri", "A cough");
            await expect(page.getByRole("main")).toContainText("Maya Putri");
            await expect(page.getByRole("main")).toContainText("A cough");
            const reference = await book(page);
            expect(reference).toMatch(/^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/);
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your request is with the doctor");

            // Reloading is safe, and Back does not book again.
            await page.reload();
            await expect(page.locator(".reference")).toHaveText(reference);
            await page.goBack();
            await expect(page.locator(".reference")).toHaveText(reference);

            await page.goto(`/appointments/${reference}/reschedule`);
            await page.locator("button.time:enabled").nth(n + offset(info) + 2).click();
            await expect(page.getByText("Your appointment has been moved.")).toBeVisible();

            await page.goto("/appointments");
            await page.getByRole("link", { name: "Cancel", exact: true }).click();
            await page.getByLabel(/Would you tell us why/).fill("I am well again");
            await page.getByRole("button", { name: "Cancel the appointment" }).click();
            await expect(page.locator(".badge")).toHaveText("Cancelled");
        });

        test("who has signed in goes straight to the summing-up", async ({ page }, info) => {
            await bookAsNewPatient(page, info, 2, n + offset(info));
            await page.goto("/doctors/2");
            await page.locator("button.time:enabled").nth(n + offset(info) + 5).click();
            await page.waitForURL(/\/check/);
            await book(page);
            await page.goto("/appointments");
            await expect(page.locator(".visit")).toHaveCount(2);
        });

        test("what was typed survives an error", async ({ page }, info) => {
            await chooseTime(page, 3, n + offset(info));
            await page.getByLabel("Your name").fill("Maya Putri");
            await page.getByLabel("Phone number").fill("not a number");
            await page.getByLabel(/^Reason for the visit/).fill("My <b>knee</b></textarea><i>");
            await page.getByRole("button", { name: "Send me a code" }).click();
            await expect(page.getByRole("alert")).toContainText("Enter a phone number such as");
            await expect(page.getByLabel("Your name")).toHaveValue("Maya Putri");
            await expect(page.getByLabel("Phone number")).toHaveValue("not a number");
            await expect(page.getByLabel(/^Reason for the visit/)).toHaveValue("My <b>knee</b></textarea><i>");
            expect(page.url()).not.toContain("Maya");
        });

        test("a wrong code is refused and the right one still works", async ({ page }, info) => {
            const phone = newPhone(info);
            await page.goto("/sign-in");
            await page.getByLabel("Phone number").fill(phone);
            await page.getByRole("button", { name: "Send me a code" }).click();
            const code = await codeFor(page.request, phone);
            const wrong = code === "000000" ? "000001" : "000000";
            await page.getByLabel("Code", { exact: true }).fill(wrong);
            await page.getByRole("button", { name: "Continue" }).click();
            await expect(page.getByRole("alert")).toContainText("This code is not right");
            await page.getByLabel("Code", { exact: true }).fill(code);
            await page.getByRole("button", { name: "Continue" }).click();
            await expect(page).toHaveURL(/\/appointments/);
            await page.getByRole("button", { name: "Sign out" }).click();
            await page.goto("/appointments");
            await expect(page).toHaveURL(/\/sign-in/);
        });

        test("the pages speak three languages", async ({ page }) => {
            await page.goto("/");
            for (const [name, heading] of [
                ["Deutsch", "de"],
                ["Bahasa Indonesia", "id"],
                ["English", "en"],
            ]) {
                await page.locator("header details.menu summary").click();
                await page.getByRole("button", { name }).click();
                await expect(page.locator("html")).toHaveAttribute("lang", heading);
            }
        });
    });
}

test("a double click books once", async ({ page }, info) => {
    await chooseTime(page, 6, 5 + offset(info));
    await identify(page, newPhone(info), "Dewi Lestari", "");
    await page.getByRole("button", { name: "Book this appointment" }).dblclick();
    await page.waitForURL(/\/done/);
    await page.goto("/appointments");
    await expect(page.locator(".visit")).toHaveCount(1);
});

test("a hold can be kept longer", async ({ page }, info) => {
    await chooseTime(page, 3, 35 + offset(info));
    await expect(page.getByText(/min left/)).toBeVisible();
    await page.getByRole("button", { name: "Keep it longer" }).click();
    await expect(page.getByText(/We are holding/)).toBeVisible();
});
