import { defineConfig, devices } from "@playwright/test";

// script/test starts Janji and says where it is; by hand: JANJI_URL=http://127.0.0.1:3000 npx playwright test
const baseURL = process.env.JANJI_URL ?? "http://127.0.0.1:3000";

const desktop = { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } };
const phone = {
    ...devices["Desktop Chrome"],
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
};

export default defineConfig({
    testDir: "tests",
    fullyParallel: true,
    forbidOnly: Boolean(process.env.CI),
    // One more than keeps two cores busy: a page waits for its server, and its test for the page.
    workers: 3,
    // A busy machine is slow, and no test is about being fast.
    timeout: 180_000,
    expect: { timeout: 20_000 },
    // A race that passes at the second try has not passed.
    retries: 0,
    reporter: [["line"], ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/report.json" }]],
    use: {
        baseURL,
        locale: "en-GB",
        timezoneId: "Asia/Jakarta",
        screenshot: "only-on-failure",
        // Recording every test costs as much as running it: a failure is looked at with `--trace on`.
        trace: "off",
        launchOptions: {
            executablePath: process.env.JANJI_CHROMIUM ?? "/usr/bin/chromium",
            args: [
                // Chromium's sandbox does not work for root, and nothing but our own pages is opened.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        },
    },
    // What is done is tried at both sizes, and with and without JavaScript. A test says by a tag where it has to differ:
    // @once         neither size nor JavaScript can break it (or it tries the sizes itself)
    // @alive        it is about what JavaScript adds, at both sizes
    // @everywhere   on a phone both with and without JavaScript
    projects: [
        { name: "desktop", use: desktop },
        { name: "phone without JavaScript", use: { ...phone, javaScriptEnabled: false }, grepInvert: /@once|@alive/ },
        { name: "phone", use: phone, grep: /@alive|@everywhere/ },
    ],
});
