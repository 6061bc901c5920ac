import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { sql } from "./database";
import { bookAsNewPatient, chooseTime, codeFor, identify, newPhone, offset, signInAsStaff } from "./janji";

/** axe finds nothing on this page, and nothing sticks out of it. */
async function isAccessible(page: Page, path?: string): Promise<void> {
    if (path) {
        await page.goto(path);
    }
    const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
    expect(
        violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" | ")}`),
        page.url(),
    ).toEqual([]);
    const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(sticksOut, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}

const looks = [
    { locale: "en-GB", colorScheme: "light" },
    { locale: "id-ID", colorScheme: "dark" },
    { locale: "de-DE", colorScheme: "dark" },
] as const;

for (const { locale, colorScheme } of looks) {
    test.describe(`${locale}, ${colorScheme}`, () => {
        test.use({ locale, colorScheme });

        test("every page that needs no account is accessible", async ({ page }) => {
            for (const path of ["/", "/?q=nobody", "/doctors/1", "/doctors/3", "/services/1", "/sign-in", "/staff/sign-in", "/demo/messages", "/nothing-here"]) {
                await isAccessible(page, path);
            }
        });

        test("the pages of doctors are accessible", async ({ page }) => {
            test.slow();
            await page.goto("/staff/sign-in");
            await page.locator("#email").fill("sari@demo.example");
            await page.locator("#password").fill("janji-demo");
            await page.locator("main form button").click();
            await page.waitForURL(/\/doctor/);
            await isAccessible(page);
            await isAccessible(page, "/doctor?date=2020-01-01");
            for (const path of ["/doctor/book", "/doctor/walk-in", "/doctor/block", "/doctor/plan", "/calendar", "/tokens"]) {
                await isAccessible(page, path);
            }
            // Nothing said of what it is for, then a token that is shown, and the way to revoke one.
            await page.locator("#token_name").evaluate((name) => name.removeAttribute("required"));
            await page.locator("main form[action='/form/make-token'] button").click();
            await page.waitForURL(/__err/);
            await isAccessible(page);
            await page.locator("#token_name").fill("A very long name of a program, which needs some room, indeed");
            await page.locator("main form[action='/form/make-token'] button").click();
            await page.waitForURL(/made=/);
            await page.locator("#tokens summary").first().click();
            await isAccessible(page);
            await page.goto("/doctor/plan");
            await page.locator("#week button[value='preview']").click();
            await page.waitForURL(/preview=1/);
            await isAccessible(page);
            await page.goto("/doctor");
            const one = await page.locator("main a[href*='/doctor/appointments/']").first().getAttribute("href");
            await isAccessible(page, one!);
            const { written, unwritten, patient_id } = await visits();
            await isAccessible(page, `/doctor/appointments/${unwritten}/prescribe`);
            await isAccessible(page, `/doctor/appointments/${written}/prescription`);
            await isAccessible(page, `/doctor/patients/${patient_id}`);
        });

        test("the pages of admins are accessible", async ({ page }) => {
            test.slow();
            await page.goto("/staff/sign-in");
            await page.locator("#email").fill("admin@demo.example");
            await page.locator("#password").fill("janji-demo");
            await page.locator("main form button").click();
            await page.waitForURL(/\/admin/);
            await isAccessible(page);
            await isAccessible(page, "/admin?q=nobody-is-called-that");
            await page.goto("/admin");
            const other = await page.locator("main a[href*='/admin/appointments/']").first().getAttribute("href");
            await isAccessible(page, other!);
            const [{ id }] = await sql("select id from patients where name is not null order by id limit 1");
            for (const path of ["/admin/book", `/admin/book?patient=${id}`, "/admin/walk-in", "/admin/block?doctor=3"]) {
                await isAccessible(page, path);
            }
            await page.goto(`/admin/book?patient=${id}`);
            await page.locator("#offer").selectOption({ index: 1 });
            await page.locator("main form.filters button").click();
            await page.waitForURL(/offer=/);
            await isAccessible(page);
            await page.locator("button.time:enabled").first().click();
            await page.waitForURL(/at=/);
            await isAccessible(page);
            await isAccessible(page, "/admin/doctors");
            for (const path of ["/admin/doctors/new", "/admin/import", "/admin/doctors/3", "/admin/services", "/admin/services/new", "/admin/services/1", "/admin/clinics", "/admin/clinics/new", "/admin/clinics/1"]) {
                await isAccessible(page, path);
            }
            await page.goto("/admin/services/1");
            await page.locator("#price").fill("much");
            await page.locator("#currency").fill("12");
            await page.locator("main form button").click();
            await page.waitForURL(/__err=/);
            await isAccessible(page);
            await page.goto("/admin/import");
            const example = await page.locator("main pre").textContent();
            await page.locator("#lines").fill(`${example!.trim()}\nDr Nobody,,,nobody,short,Nowhere,,,9,8,,`);
            const checking = page.context().waitForEvent("page");
            await page.locator("button[value='check']").click();
            const report = await checking;
            await report.waitForURL(/report=check/);
            await isAccessible(report);
            await report.close();
            expect(await page.locator("#lines").inputValue()).toContain("Dr Nobody");
            await isAccessible(page, "/admin/doctors/3/plan");
            await isAccessible(page, "/admin/doctors/3/plan?ask_day=2026-01-01&ask_time=09:00&service=1");
            await isAccessible(page, "/admin/closures");
            await isAccessible(page, "/admin/locks");
            await page.goto("/admin/integrity");
            await page.locator("main form[action*='verify'] button").click();
            await page.waitForURL(/asked=/);
            await isAccessible(page);
        });
    });
}

/** Visits of the first doctor, one with a prescription and one without; and whose the first one was. */
async function visits(): Promise<{ written: string; unwritten: string; patient_id: string; phone: string }> {
    const [visit] = await sql(
        `select written.reference as written, patients.id as patient_id, patients.phone,
                (select reference from appointments
                 where doctor_id = 1 and status = 'completed'
                   and not exists (select from prescriptions where appointment_id = appointments.id)
                 order by id limit 1) as unwritten
         from appointments as written
         join prescriptions on appointment_id = written.id
         join patients on patients.id = patient_id
         where doctor_id = 1 and status = 'completed' order by written.id limit 1`,
    );
    return visit as Awaited<ReturnType<typeof visits>>;
}

test("what comes of a visit is accessible to its patient", async ({ page }) => {
    const { written, phone } = await visits();
    await page.goto("/sign-in");
    await page.getByLabel("Phone number").fill(phone);
    await page.getByRole("main").getByRole("button").first().click();
    await page.waitForURL(/\/sign-in\/code/);
    await page.getByLabel("Code", { exact: true }).fill(await codeFor(page.request, phone));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/\/appointments/);
    await isAccessible(page);
    await isAccessible(page, `/appointments/${written}`);
    await isAccessible(page, `/appointments/${written}/prescription`);
});

test("every step of a booking is accessible", async ({ page }, info) => {
    test.slow();
    await chooseTime(page, 6, 25 + offset(info));
    await isAccessible(page);
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByLabel("Your name").fill("x");
    await page.getByLabel("Phone number").fill("nonsense");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await isAccessible(page);
    await identify(page, newPhone(info), "Maya Putri", "");
    await isAccessible(page);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
    await isAccessible(page);
    const reference = (await page.locator(".reference").textContent())!.trim();
    for (const path of ["/appointments", `/appointments/${reference}`, `/appointments/${reference}/cancel`, `/appointments/${reference}/reschedule`]) {
        await isAccessible(page, path);
    }
    await isAccessible(page, "/calendar");
    await page.getByRole("button", { name: "Make an address" }).click();
    await expect(page.getByLabel("Address of your calendar")).toBeVisible();
    await isAccessible(page);
});

test("a booking can be made with the keyboard alone", async ({ page }, info) => {
    await page.goto("/doctors/6");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    const time = page.locator("button.time:enabled").nth(0 + offset(info));
    await time.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/book\//);
    await page.getByLabel("Your name").focus();
    await page.keyboard.type("Maya Putri");
    await page.keyboard.press("Tab");
    await page.keyboard.type(newPhone(info));
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/sign-in\/code/);
});

test("nothing is lost at 320 pixels", async ({ page }, info) => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of ["/", "/doctors/1", "/sign-in", "/demo/messages"]) {
        await isAccessible(page, path);
    }
    await bookAsNewPatient(page, info, 6, 60 + offset(info) / 2);
    await isAccessible(page);
    await page.goto("/calendar");
    await page.getByRole("button", { name: "Make an address" }).click();
    await expect(page.getByLabel("Address of your calendar")).toBeVisible();
    await isAccessible(page);
    await signOutAndSeeStaff(page);
});

async function signOutAndSeeStaff(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Sign out" }).click();
    await signInAsStaff(page, "sari@demo.example");
    await isAccessible(page, "/doctor");
}
