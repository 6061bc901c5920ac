// What every page has to be for everybody, whatever they look at it with.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import { expect, type Page } from "./test";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const DESKTOP = { width: 1280, height: 800 };
/** The narrowest phone that there is, and a desktop at 400 %; up to 480 pixels, the style is the same. */
const PHONE = { width: 320, height: 640 };

/**
 * What each language is looked at with: light and dark, large and small, and both of these in both sizes. German has the
 * looks of English and its longest words: what these can break is the room that they take.
 */
const LOOKS = {
    English: { locale: "en-GB", desktop: "light", phone: "dark", asksAxe: true },
    Indonesian: { locale: "id-ID", desktop: "dark", phone: "light", asksAxe: true },
    German: { locale: "de-DE", desktop: "light", phone: "dark", asksAxe: false },
} as const;

export type Language = keyof typeof LOOKS;
export const LANGUAGES = Object.entries(LOOKS).map(([name, { locale }]) => ({ name: name as Language, locale }));

/** Whether axe is asked about each page in both sizes (`script/test browser --long`), which takes twice as long. */
const LONG = Boolean(process.env.JANJI_LONG);

/**
 * Expects that axe finds nothing on this page, and that nothing sticks out of it. Goes on after a failure. Axe is asked in
 * one size, and of two pages that follow each other in the other one; the languages see to it that it is light and dark.
 */
export async function expectAccessible(page: Page, language: Language, nth: number): Promise<void> {
    const { asksAxe } = LOOKS[language];
    if (asksAxe) await page.evaluate(SOURCE);
    for (const [turn, size, colorScheme] of [
        [0, DESKTOP, LOOKS[language].desktop],
        [1, PHONE, LOOKS[language].phone],
    ] as const) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const asked = asksAxe && (LONG || nth % 2 === turn);
        const { found, sticksOut } = await page.evaluate(look, asked ? TAGS : []);
        const what = `${page.url()}, ${size.width} pixels, ${colorScheme}`;
        expect.soft(found, what).toEqual([]);
        expect.soft(sticksOut, `${what}, scrolls sideways`).toBeLessThanOrEqual(0);
    }
}

/** Runs in the page. */
async function look(tags: string[]): Promise<{ found: string[]; sticksOut: number }> {
    // Colours that are on their way to those of the other scheme are nobody's choice.
    for (const animation of document.getAnimations()) {
        if (animation instanceof CSSTransition) animation.finish();
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    const sticksOut = scrollWidth - clientWidth;
    if (tags.length === 0) return { found: [], sticksOut };
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
        // The rule that wants style sheets fetched anew is not among these.
        preload: { assets: ["media"] },
    });
    return {
        found: violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" | ")}`),
        sticksOut,
    };
}
