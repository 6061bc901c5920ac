// The test that all files use, with who takes part in it.
import { test as base, type Page } from "@playwright/test";
import { addService, closeService, dismiss, employ, unique, type Doctor, type Wish } from "./clinic";

export { expect, type Page } from "@playwright/test";

interface Cast {
    /** Employs a doctor for this test. */
    employed: (wish?: Wish) => Promise<Doctor>;
    /** A doctor of this test alone. */
    doctor: Doctor;
    /** A service that nobody offers but whom the test employs for it. */
    service: { id: number; name: string };
    /** Says of a test that fails which page it was at, and what the page said. */
    witness: void;
    /** Opens the browser of another person, of the same size, with or without JavaScript as the test's own. */
    another: () => Promise<Page>;
}

export const test = base.extend<Cast>({
    employed: async ({}, use) => {
        const doctors: Doctor[] = [];
        await use(async (wish) => {
            const doctor = await employ(wish);
            doctors.push(doctor);
            return doctor;
        });
        for (const doctor of doctors) await dismiss(doctor);
    },

    doctor: async ({ employed }, use) => use(await employed()),

    service: async ({}, use) => {
        const name = `Check-up ${unique()}`;
        const id = await addService(name);
        await use({ id, name });
        await closeService(id);
    },

    witness: [
        async ({ page }, use, info) => {
            const refused: string[] = [];
            page.on("response", (response) => {
                if (response.status() >= 400) refused.push(`${response.status()} ${new URL(response.url()).pathname}`);
            });
            await use();
            if (info.status === info.expectedStatus) return;
            const said = await page.locator("h1, main .notice").allTextContents().catch(() => []);
            const words = [page.url(), ...said, ...refused].map((text) => text.replace(/\s+/g, " ").trim().slice(0, 150));
            info.annotations.push({ type: "at", description: words.join(" | ") });
        },
        { auto: true },
    ],

    another: async ({ browser }, use) => {
        const pages: Page[] = [];
        await use(async () => {
            // A new context has the options of the test.
            const page = await (await browser.newContext()).newPage();
            pages.push(page);
            return page;
        });
        for (const page of pages) await page.context().close();
    },
});
