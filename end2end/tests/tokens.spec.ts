// A program is given a token of its own: made by hand, seen once, used, and revoked.
import { expect, test, type Page } from "@playwright/test";
import { codeFor, newPhone, signInAsStaff } from "./janji";

/** Tells what the API answers to this token. */
async function ask(page: Page, path: string, token: string, method = "GET"): Promise<{ status: number; data: Record<string, unknown> }> {
    const answer = await page.request.fetch(`/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        data: method === "GET" ? undefined : {},
    });
    return { status: answer.status(), data: (await answer.json()).data };
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("a patient makes a token with the keyboard, sees it once, uses it and revokes it", async ({ page }, info) => {
            const phone = newPhone(info);
            await page.goto("/sign-in");
            await page.getByLabel("Phone number").fill(phone);
            await page.keyboard.press("Enter");
            await page.waitForURL(/\/sign-in\/code/);
            await page.getByLabel("Code", { exact: true }).fill(await codeFor(page.request, phone));
            await page.keyboard.press("Enter");
            await page.waitForURL(/\/appointments/);
            await page.getByRole("contentinfo").getByRole("link", { name: "For programs" }).click();
            await expect(page.getByRole("heading", { level: 1 })).toHaveText("Programs");
            await expect(page.getByText("No program acts for you")).toBeVisible();

            await page.getByLabel("What is it for?").focus();
            await page.keyboard.type("Calendar on the wall");
            await page.keyboard.press("Tab");
            await expect(page.getByLabel(/^See/)).toBeFocused();
            await expect(page.getByLabel(/^See/)).toBeChecked();
            await page.keyboard.press("Tab");
            await expect(page.getByLabel(/^Book/)).toBeFocused();
            await expect(page.getByLabel(/^Book/)).not.toBeChecked();
            await page.keyboard.press("Tab");
            await expect(page.getByLabel("For how long?")).toBeFocused();
            await page.keyboard.press("Tab");
            await expect(page.getByRole("button", { name: "Make the token" })).toBeFocused();
            await page.keyboard.press("Enter");
            await page.waitForURL(/\/tokens\?made=\d+$/);
            const token = await page.getByLabel("Token", { exact: true }).inputValue();
            expect(token).toMatch(/^janji_[0-9a-f]{64}$/);

            const me = await ask(page, "me", token);
            expect(me.data.role).toBe("patient");
            expect((await ask(page, "appointments", token)).status).toBe(200);
            expect((await ask(page, "appointments", token, "POST")).status).toBe(403);

            await page.reload();
            await expect(page.getByText("Its token was shown once")).toBeVisible();
            expect(await page.content()).not.toContain(token);
            await page.goto("/tokens");
            expect(await page.content()).not.toMatch(/janji_[0-9a-f]{64}/);

            const row = page.getByRole("row", { name: /Calendar on the wall/ });
            await expect(row).toContainText("See");
            await row.locator("summary").focus();
            await page.keyboard.press("Enter");
            await row.getByRole("button", { name: /^Revoke it/ }).focus();
            await page.keyboard.press("Enter");
            await page.waitForURL(/revoked=1/);
            await expect(page.getByText("The token has been revoked")).toBeVisible();
            await expect(page.getByText("No program acts for you")).toBeVisible();
            expect((await ask(page, "me", token)).status).toBe(401);
        });
    });
}

test("what staff can tick is what is of use to them", async ({ page }) => {
    await signInAsStaff(page, "sari@demo.example");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Programs" }).click();
    await expect(page.getByRole("group", { name: "What may the program do?" }).getByRole("checkbox")).toHaveCount(4);
    await page.getByLabel("What is it for?").fill("A script");
    await page.getByLabel(/^See/).uncheck();
    await page.getByRole("button", { name: "Make the token" }).click();
    await expect(page.getByRole("alert")).toContainText("Choose at least one thing");
    await expect(page.getByLabel("What is it for?")).toHaveValue("A script");
    await expect(page.getByLabel(/^See/)).not.toBeChecked();
});
