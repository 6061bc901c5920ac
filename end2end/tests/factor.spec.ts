// A second factor: an app for codes with and without JavaScript, and passkeys in a browser with a virtual authenticator.
import { PASSWORD } from "../support/clinic";
import { signInAsStaff } from "../support/http";
import { codeOf } from "../support/totp";
import { expect, test, type Page } from "../support/test";

/** Passkeys belong to the name of a host: the same server, by the name that its public URL has. */
const NAMED = (process.env.JANJI_URL ?? "http://127.0.0.1:3000").replace("127.0.0.1", "localhost");

/** Shows the password on the page. */
async function showPassword(page: Page, email: string, site = ""): Promise<void> {
    await page.goto(`${site}/staff/sign-in`);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.locator("main form button").click();
}

test("a doctor sets an app up, and signs in with it and with a recovery code", { tag: "@everywhere" }, async ({ page, doctor }) => {
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/account");
    await page.getByRole("link", { name: "Set up and change" }).click();
    await page.getByRole("button", { name: "Set up an app" }).click();
    await page.waitForURL(/\/account\/factors\/app$/);
    await expect(page.getByRole("img", { name: "A picture for your app" })).toBeVisible();
    const secret = await page.locator("#secret").inputValue();
    // The step before this one, so that the present one can still be used.
    await page.getByLabel("The code that your app shows now").fill(codeOf(secret, -1));
    await page.getByRole("button", { name: "Done" }).click();
    await page.waitForURL(/\/account\/codes$/);
    const codes = await page.locator("ol.codes li").allTextContents();
    expect(codes).toHaveLength(10);
    await page.getByRole("button", { name: "I have written them down" }).click();
    await page.waitForURL(/\/account\/factors$/);

    for (const code of [codeOf(secret), codes[0]!]) {
        await page.context().clearCookies();
        await showPassword(page, doctor.email);
        await page.waitForURL(/\/staff\/sign-in\/factor$/);
        await page.getByLabel("Code").fill("000000");
        await page.locator("form[action='/form/answer-factor'] button").click();
        await expect(page.getByRole("alert")).toContainText("not right");
        await page.getByLabel("Code").fill(code);
        await page.locator("form[action='/form/answer-factor'] button").click();
        await page.waitForURL(/\/doctor$/);
    }
});

test("a doctor adds a passkey, signs in with it, and shows by it who they are", { tag: "@once" }, async ({ page, doctor }) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
        options: {
            protocol: "ctap2",
            ctap2Version: "ctap2_1",
            transport: "internal",
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
    await showPassword(page, doctor.email, NAMED);
    await page.waitForURL(/\/doctor$/);
    await page.goto(`${NAMED}/account/factors`);
    await page.getByLabel("What is it called?").fill("My phone");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.waitForURL(/\/account\/codes$/);
    await expect(page.locator("ol.codes li")).toHaveCount(10);
    await page.getByRole("button", { name: "I have written them down" }).click();
    await expect(page.getByRole("heading", { name: "My phone" })).toBeVisible();

    await page.context().clearCookies();
    await showPassword(page, doctor.email, NAMED);
    await page.waitForURL(/\/staff\/sign-in\/factor$/);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.waitForURL(/\/doctor$/);

    await page.goto(`${NAMED}/account/confirm?next=/tokens`);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.waitForURL(/\/tokens$/);
});

test("where a browser has no passkeys, nothing is said of them and codes work", { tag: "@once" }, async ({ page, doctor }) => {
    await page.addInitScript(() => {
        Reflect.deleteProperty(window, "PublicKeyCredential");
    });
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/account/factors");
    await expect(page.getByRole("button", { name: "Add a passkey" })).toBeHidden();
    await expect(page.getByRole("button", { name: "Set up an app" })).toBeVisible();
});
