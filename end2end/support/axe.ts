// What every page has to be for everybody, whatever they look at it with.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import { expect, type Page } from "./test";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** The narrowest screen that there is, and a desktop at 400 %. */
const NARROW = { width: 320, height: 640 };

/**
 * What each language is looked at with. Between them, every language meets both schemes and both kinds of screen, and
 * every scheme both kinds of screen; the twelve looks that there are would only repeat these pairs.
 */
const LOOKS = {
    "en-GB": [
        { size: DESKTOP, colorScheme: "light" },
        { size: NARROW, colorScheme: "dark" },
    ],
    "id-ID": [
        { size: DESKTOP, colorScheme: "dark" },
        { size: PHONE, colorScheme: "light" },
    ],
    "de-DE": [
        { size: DESKTOP, colorScheme: "light" },
        { size: PHONE, colorScheme: "dark" },
    ],
} as const;

export const LANGUAGES = Object.keys(LOOKS) as (keyof typeof LOOKS)[];

/** Expects that axe finds nothing on this page, and that nothing sticks out of it at any size. Goes on after a failure. */
export async function expectAccessible(page: Page, language: (typeof LANGUAGES)[number]): Promise<void> {
    await page.evaluate(SOURCE);
    for (const { size, colorScheme } of LOOKS[language]) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const found = await page.evaluate(violations, TAGS);
        expect.soft(found, `${page.url()}, ${size.width} pixels, ${colorScheme}`).toEqual([]);
    }
    for (const size of [DESKTOP, PHONE, NARROW]) {
        await page.setViewportSize(size);
        const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(sticksOut, `${page.url()} scrolls sideways at ${size.width} pixels`).toBeLessThanOrEqual(0);
    }
}

/** Runs in the page. */
async function violations(tags: string[]): Promise<string[]> {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
        // The rule that wants style sheets fetched anew is not among these.
        preload: { assets: ["media"] },
    });
    return violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" | ")}`);
}
