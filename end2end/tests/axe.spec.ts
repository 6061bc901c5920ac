// Every page for everybody: its languages, light and dark, every size, and no mouse.
import { readFile } from "node:fs/promises";
import { DESKTOP, LANGUAGES, expectAccessible } from "../support/axe";
import { newPhone } from "../support/http";
import { WALKS, demoOf, isAt, routesOf } from "../support/pages";
import { expect, test } from "../support/test";

// A walk opens each page once, and then changes what it is looked at with.
test.describe.configure({ timeout: 600_000 });

for (const { who, faces, signIn } of WALKS) {
    for (const [which, { name, locale }] of LANGUAGES.entries()) {
        test.describe(name, () => {
            // A colour that is on its way from light to dark is neither.
            test.use({ locale, contextOptions: { reducedMotion: "reduce" } });

            test(`the pages ${who} are accessible in ${name}`, { tag: "@once" }, async ({ page, employed, service }) => {
                // The lists of times have mornings and afternoons, and are short.
                const demo = await demoOf(await employed({ hours: [11, 13], service: service.id }), which);
                await signIn?.(page, demo);
                for (const [nth, { route, shows, open }] of faces.entries()) {
                    await test.step(shows ? `${route}, ${shows}` : route, async () => {
                        await page.setViewportSize(DESKTOP);
                        const opened = await open(page, demo);
                        const face = opened ?? page;
                        expect(isAt(face.url(), route), `${face.url()} is ${route}`).toBe(true);
                        await expect(face.locator("html")).toHaveAttribute("lang", locale.slice(0, 2));
                        await expectAccessible(face, name, nth);
                        await opened?.close();
                    });
                }
            });
        });
    }
}

test("every page of the application is looked at", { tag: "@once" }, async () => {
    const source = await readFile(new URL("../../src/app.rs", import.meta.url), "utf8");
    const seen = new Set(WALKS.flatMap(({ faces }) => faces.map(({ route }) => route)));
    expect(routesOf(source).length).toBeGreaterThan(40);
    expect(routesOf(source).filter((route) => !seen.has(route))).toEqual([]);
});

test("a time is chosen and a code asked for with the keyboard alone", { tag: "@once" }, async ({ page, doctor }) => {
    await page.goto(`/doctors/${doctor.id}`);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.locator("button.time:enabled").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/book\//);
    await page.getByLabel("Your name").focus();
    await page.keyboard.type("Maya Putri");
    await page.keyboard.press("Tab");
    await page.keyboard.type(newPhone());
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/sign-in\/code/);
});
