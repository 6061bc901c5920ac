// The test that all files use, with who takes part in it.
import { test as base, type Page } from "@playwright/test";
import { dismiss, employ, type Doctor, type Wish } from "./clinic";

export { expect, type Page } from "@playwright/test";

interface Cast {
    /** Employs a doctor for this test. */
    employed: (wish?: Wish) => Promise<Doctor>;
    /** A doctor of this test alone. */
    doctor: Doctor;
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
