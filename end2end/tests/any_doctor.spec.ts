// Who does not mind which doctor: a time is chosen, and whoever's turn it is has it.
import { expect, test, type Page, type TestInfo } from "@playwright/test";
import { another, book, identify, newPhone } from "./janji";

const CLINIC = 1;
const TYPE = "video_consultation";

interface Slot {
    starts_at: string;
    doctors: number[];
}

/** Weeks away from what other tests choose from; each test and each project begins on a day of its own. */
function day(info: TestInfo, test: number, javaScript: boolean): string {
    const later = 35 + test * 4 + (info.project.name === "phone" ? 2 : 0) + (javaScript ? 1 : 0);
    return new Date(Date.now() + later * 86_400_000).toISOString().slice(0, 10);
}

/** The first time from this day on at which at least so many doctors are free. */
async function timeOf(page: Page, from: string, doctors: number): Promise<Slot> {
    const to = new Date(Date.parse(from) + 14 * 86_400_000).toISOString().slice(0, 10);
    const answer = await page.request.get(`/api/v1/slots?service=${TYPE}&clinic=${CLINIC}&from=${from}&to=${to}&limit=500`);
    const slots: Slot[] = (await answer.json()).data;
    const slot = slots.find((slot) => slot.doctors.length >= doctors);
    expect(slot, `a time from ${from} on at which ${doctors} doctors are free`).toBeTruthy();
    return slot!;
}

/** The page of the times, from the start page on, and then on that day. */
async function openTimes(page: Page, slot: Slot): Promise<void> {
    await page.goto(`/?clinic=${CLINIC}`);
    await page.getByRole("region", { name: "Any doctor will do" }).getByRole("link", { name: /^Video/ }).click();
    await page.waitForURL(/\/services\/\d+/);
    const times = new URL(page.url());
    times.searchParams.set("from", slot.starts_at.slice(0, 10));
    await page.goto(times.pathname + times.search);
}

async function choose(page: Page, slot: Slot): Promise<void> {
    await page.locator(`button.time[value="${Date.parse(slot.starts_at) / 1000}"]`).click();
}

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
        test.use({ javaScriptEnabled });

        test("who does not mind the doctor is told who it is, and books", async ({ page }, info) => {
            const slot = await timeOf(page, day(info, 0, javaScriptEnabled), 1);
            await openTimes(page, slot);
            await expect(page.getByRole("heading", { level: 1 })).toContainText("with any doctor");
            await choose(page, slot);
            await page.waitForURL(/\/book\//);
            await identify(page, newPhone(info), "Rina Hartati", "Headaches in the morning");
            await expect(page.getByRole("definition").filter({ hasText: /\bDr\b|\bdr\b/ }).first()).toBeVisible();
            await book(page);
        });

        test("all who choose one time are given different doctors, and the next is offered other times", async ({ page, browser }, info) => {
            const slot = await timeOf(page, day(info, 1, javaScriptEnabled), 2);
            await openTimes(page, slot);
            const others = [];
            const names = new Set<string>();
            for (const _ of slot.doctors) {
                // Everybody has the page open before anybody chooses.
                const context = await another(browser, info);
                const other = await context.newPage();
                await openTimes(other, slot);
                others.push({ context, other });
            }
            for (const { other } of others) {
                await choose(other, slot);
                await other.waitForURL(/\/book\//);
                names.add((await other.locator(".page-head p").textContent())!);
            }
            expect(names.size).toBe(slot.doctors.length);

            await choose(page, slot);
            const conflict = page.getByRole("alert");
            await expect(conflict).toContainText("has just been taken.");
            await expect(conflict.getByRole("link", { name: "All times" })).toHaveAttribute("href", /^\/services\//);
            await expect(conflict.locator(".offers button")).toHaveCount(3);
            await conflict.locator(".offers button").first().click();
            await page.waitForURL(/\/book\//);
            for (const { context } of others) await context.close();
        });
    });
}
