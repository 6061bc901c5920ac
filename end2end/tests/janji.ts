// What the tests of all roles share.
import { expect, type APIRequestContext, type Browser, type BrowserContext, type Page, type TestInfo } from "@playwright/test";

export const PASSWORD = "janji-demo";

let phones = 0;

/** A phone number that no other test uses, and nobody has. */
export function newPhone(info: TestInfo): string {
    phones += 1;
    const unique = `${Date.now() % 10_000_000}${info.parallelIndex}${phones % 10}`;
    return `+62855${unique.padStart(9, "0").slice(-9)}`;
}

/** The newest code that was sent to a phone. */
export async function codeFor(request: APIRequestContext, phone: string): Promise<string> {
    const messages: { to: string; body: string }[] = await (await request.get("/demo/messages.json")).json();
    const message = messages.find((message) => message.to === phone);
    expect(message, `a message to ${phone}`).toBeTruthy();
    return /\d{6}/.exec(message!.body)![0];
}

/**
 * Opens the times of a doctor and chooses the nth one. Tests run side by side on one clinic, so each has its own n: two
 * that chose the same would race, which is what other tests are for.
 */
export async function chooseTime(page: Page, doctor: number, n: number): Promise<string> {
    await page.goto(`/doctors/${doctor}`);
    const button = page.locator("button.time:enabled").nth(n);
    const time = (await button.locator("time").textContent())!;
    await button.click();
    await page.waitForURL(/\/book\//);
    return time;
}

/** Fills in the details and the code; ends on the page that sums everything up. */
export async function identify(page: Page, phone: string, name: string, reason: string): Promise<void> {
    await page.getByLabel("Your name").fill(name);
    await page.getByLabel("Phone number").fill(phone);
    await page.getByLabel(/^Reason for the visit/).fill(reason);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.waitForURL(/\/sign-in\/code/);
    await page.getByLabel("Code", { exact: true }).fill(await codeFor(page.request, phone));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/check/);
}

/** Books on the summing-up page, and answers with the reference. */
export async function book(page: Page): Promise<string> {
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    return (await page.locator(".reference").textContent())!.trim();
}

/** Books from nothing, as a new patient. */
export async function bookAsNewPatient(page: Page, info: TestInfo, doctor: number, n: number): Promise<string> {
    await chooseTime(page, doctor, n);
    await identify(page, newPhone(info), "Maya Putri", "A cough that does not go away");
    return book(page);
}

export async function signInAsStaff(page: Page, email: string): Promise<void> {
    await page.goto("/staff/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/\/(doctor|admin)/);
}

/** Another person's browser. */
export async function another(browser: Browser, info: TestInfo): Promise<BrowserContext> {
    const { baseURL, locale, viewport, javaScriptEnabled } = info.project.use;
    return browser.newContext({ baseURL, locale, viewport, javaScriptEnabled });
}

/** A number of its own for each project, so that phone and desktop choose different times. */
export function offset(info: TestInfo): number {
    return info.project.name === "phone" ? 40 : 0;
}
