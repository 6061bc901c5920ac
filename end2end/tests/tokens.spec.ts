// A program is given a token of its own: made by hand, seen once, used, and revoked.
import { newPhone, signInAsPatient, signInAsStaff } from "../support/http";
import { expect, test, type Page } from "../support/test";

/** Makes a token on the page; answers with it. */
async function makeToken(page: Page, name: string): Promise<string> {
    await page.goto("/tokens");
    await page.getByLabel("What is it for?").fill(name);
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.waitForURL(/\/tokens\?made=\d+$/);
    return page.getByLabel("Token", { exact: true }).inputValue();
}

/** Tells what the API answers to this token. */
async function ask(page: Page, path: string, token: string, method = "GET"): Promise<{ status: number; data: Record<string, unknown> }> {
    const answer = await page.request.fetch(`/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        data: method === "GET" ? undefined : {},
    });
    return { status: answer.status(), data: (await answer.json()).data };
}

test("a patient makes a token with the keyboard alone", async ({ page }) => {
    await signInAsPatient(page.request, newPhone());
    await page.goto("/calendar");
    await page.getByRole("main").getByRole("link", { name: "For programs" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("API access");
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
    await expect(page.getByLabel("Token", { exact: true })).toHaveValue(/^janji_[0-9a-f]{64}$/);
    await expect(page.getByRole("row", { name: /Calendar on the wall/ })).toContainText("See");
});

test("a token opens what was ticked and nothing else", { tag: "@once" }, async ({ page }) => {
    await signInAsPatient(page.request, newPhone());
    const token = await makeToken(page, "Calendar on the wall");
    expect((await ask(page, "me", token)).data.role).toBe("patient");
    expect((await ask(page, "appointments", token)).status).toBe(200);
    expect((await ask(page, "appointments", token, "POST")).status).toBe(403);
});

test("a token is shown once", async ({ page }) => {
    await signInAsPatient(page.request, newPhone());
    const token = await makeToken(page, "Calendar on the wall");
    await page.reload();
    await expect(page.getByText("Its token was shown once")).toBeVisible();
    expect(await page.content()).not.toContain(token);
    await page.goto("/tokens");
    expect(await page.content()).not.toMatch(/janji_[0-9a-f]{64}/);
});

test("a token that is revoked with the keyboard opens nothing", async ({ page }) => {
    await signInAsPatient(page.request, newPhone());
    const token = await makeToken(page, "Calendar on the wall");
    await page.goto("/tokens");
    const row = page.getByRole("row", { name: /Calendar on the wall/ });
    await row.locator("summary").focus();
    await page.keyboard.press("Enter");
    await row.getByRole("button", { name: /^Revoke it/ }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/revoked=1/);
    await expect(page.getByText("The token has been revoked")).toBeVisible();
    await expect(page.getByText("No program acts for you")).toBeVisible();
    expect((await ask(page, "me", token)).status).toBe(401);
});

test("what staff can tick is what is of use to them", async ({ page }) => {
    await signInAsStaff(page.request, "sari@demo.example");
    await page.goto("/doctor");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "API access" }).click();
    await expect(page.getByRole("group", { name: "What may the program do?" }).getByRole("checkbox")).toHaveCount(5);
    await page.getByLabel("What is it for?").fill("A script");
    await page.getByLabel(/^See/).uncheck();
    await page.getByRole("button", { name: "Make the token" }).click();
    await expect(page.getByRole("alert")).toContainText("Choose at least one thing");
    await expect(page.getByLabel("What is it for?")).toHaveValue("A script");
    await expect(page.getByLabel(/^See/)).not.toBeChecked();
});
