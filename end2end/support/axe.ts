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

/** Whether every page is looked at in every way (`script/test browser --long`), which takes four times as long. */
const LONG = Boolean(process.env.JANJI_LONG);

/**
 * What each language can break. Axe is asked about English pages: what they are made of is the same in all languages. German
 * has the longest words: what these can break is the room that they take, which axe does not measure.
 */
const LOOKS = {
    English: { locale: "en-GB", asksAxe: true },
    German: { locale: "de-DE", asksAxe: LONG },
    ...(LONG ? { Indonesian: { locale: "id-ID", asksAxe: true } } : {}),
};

export type Language = keyof typeof LOOKS;
export const LANGUAGES = Object.entries(LOOKS).map(([name, { locale }]) => ({ name: name as Language, locale }));

const WAYS = [
    { size: DESKTOP, colorScheme: "light" },
    { size: PHONE, colorScheme: "dark" },
    { size: DESKTOP, colorScheme: "dark" },
    { size: PHONE, colorScheme: "light" },
] as const;

/**
 * Expects that axe finds nothing on this page, and that nothing sticks out of it in either size. Goes on after a failure. Axe is
 * asked in one way, and about four pages that follow each other in four.
 */
export async function expectAccessible(page: Page, language: Language, nth: number): Promise<void> {
    const { asksAxe } = LOOKS[language]!;
    if (asksAxe) await page.evaluate(SOURCE);
    // The one that axe is asked in, and another one in the other size.
    const turns = LONG ? [0, 1, 2, 3] : [nth % 4, (nth + 1) % 4];
    for (const [place, turn] of turns.entries()) {
        const { size, colorScheme } = WAYS[turn]!;
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const asked = asksAxe && (LONG || place === 0);
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
