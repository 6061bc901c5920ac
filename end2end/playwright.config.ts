import { defineConfig, devices } from "@playwright/test";

// script/test starts Janji and says where it is; by hand: JANJI_URL=http://127.0.0.1:3000 npx playwright test
const baseURL = process.env.JANJI_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
    testDir: "tests",
    fullyParallel: true,
    forbidOnly: Boolean(process.env.CI),
    workers: 2,
    timeout: 30_000,
    // A race that passes at the second try has not passed.
    retries: 0,
    reporter: [["line"], ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/report.json" }]],
    use: {
        baseURL,
        locale: "en-GB",
        timezoneId: "Asia/Jakarta",
        screenshot: "only-on-failure",
        trace: "retain-on-failure",
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
    projects: [
        { name: "desktop", use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } } },
        {
            name: "phone",
            use: {
                ...devices["Desktop Chrome"],
                viewport: { width: 390, height: 844 },
                deviceScaleFactor: 2,
                hasTouch: true,
                isMobile: true,
            },
        },
    ],
});
