// The day calendar of a clinic: booked from it, gone through by keys, kept up to date, and said that somebody is here.
import { DESKTOP, expectAccessible } from "../support/axe";
import { offer } from "../support/clinic";
import { sql } from "../support/database";
import { Program, newPhone, signInAsStaff, timesOf } from "../support/http";
import { expect, test, type Page } from "../support/test";

const ADMIN = "admin@demo.example";

/** The day at the clinic of a doctor on which a time is. */
async function dayOf(doctor: number, time: Date): Promise<string> {
    const [row] = await sql(
        `select clinics.id, ($2::timestamptz at time zone time_zone)::date::text as day
         from offers join clinics on clinics.id = clinic_id where doctor_id = $1 limit 1`,
        [doctor, time.toISOString()],
    );
    return `/admin/day?clinic=${row!.id}&date=${row!.day}`;
}

const cellsOf = (page: Page, name: string) => page.locator("table.sheet td a").filter({ hasText: name });

test("a receptionist books from the day calendar, and it keeps up to date by itself", { tag: "@once" }, async ({ page, request, doctor }) => {
    const [time, later] = await timesOf(request, doctor);
    await signInAsStaff(page.request, ADMIN);
    const day = await dayOf(doctor.id, time!);
    await page.goto(day);
    await page.locator(`table.sheet td.f a[href*="offer=${doctor.id}-"]`).first().click();
    await page.waitForURL(/\/admin\/book\?offer=/);
    await page.getByLabel("Phone number of the patient").fill(newPhone());
    await page.getByLabel("Name of the patient").fill("Ratna Dewi");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/at=\d+/);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/admin\/appointments\//);
    await page.goto(day);
    await expect(cellsOf(page, "Ratna Dewi")).toHaveCount(1);

    // Somebody at another desk books, and this page shows it.
    const desk = await Program.ofStaff(request, ADMIN);
    await desk.book(doctor, later!, await desk.patient("Bayu Pratama"));
    await expect(cellsOf(page, "Bayu Pratama")).toHaveCount(1, { timeout: 15_000 });
});

test("arrow keys lead through the day", { tag: "@once" }, async ({ page, request, doctor }) => {
    const [time] = await timesOf(request, doctor);
    await signInAsStaff(page.request, ADMIN);
    await page.goto(await dayOf(doctor.id, time!));
    const column = page.locator(`table.sheet td.f a[href*="offer=${doctor.id}-"]`);
    // The keys lead once the page is alive.
    await expect(async () => {
        await column.first().focus();
        await page.keyboard.press("ArrowDown");
        await expect(column.nth(1)).toBeFocused({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await page.keyboard.press("ArrowUp");
    await expect(column.first()).toBeFocused();
});

test("the day calendar is accessible", { tag: "@once" }, async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, ADMIN);
    const [time] = await timesOf(request, doctor);
    await desk.book(doctor, time!, await desk.patient("Sekar Ayu"));
    await signInAsStaff(page.request, ADMIN);
    await page.setViewportSize(DESKTOP);
    await page.goto(await dayOf(doctor.id, time!));
    await expect(page.locator("table.sheet th[scope=col]")).not.toHaveCount(0);
    await expectAccessible(page, "English", 0);
    // On a phone it is a list that says whose each time is.
    await expect(cellsOf(page, "Sekar Ayu").locator("i")).toBeVisible();
});

test("the desk says that a patient is here, and takes it back", async ({ page, employed }) => {
    const doctor = await employed({ hours: [0, 24], early: true });
    await signInAsStaff(page.request, ADMIN);
    await page.goto("/admin/walk-in");
    await page.getByLabel("Phone number of the patient").fill(newPhone());
    await page.getByLabel("Name of the patient").fill("Wulan Sari");
    await page.getByLabel("Doctor and service").selectOption(offer(doctor));
    await page.getByRole("button", { name: "Book the next free time" }).click();
    await page.waitForURL(/\/admin\/appointments\//);
    await page.getByRole("button", { name: /^Arrived/ }).click();
    await expect(page.getByRole("status").first()).toContainText("is here");
    await expect(page.locator(".page-head .badge.here")).toBeVisible();
    await page.getByRole("button", { name: "Not here after all" }).first().click();
    await expect(page.locator(".page-head .badge.here")).toHaveCount(0);
});

type Cell = ReturnType<Page["locator"]>;

/** Drags one cell to the other with the mouse, and holds it there. */
async function drag(page: Page, what: Cell, to: Cell): Promise<void> {
    // A try before this one may have left the button pressed.
    await page.mouse.up();
    await what.scrollIntoViewIfNeeded();
    await what.hover();
    await page.mouse.down();
    await to.hover();
}

test("an appointment is dragged to a free time, which asks before it is moved", { tag: "@once" }, async ({ page, request, doctor, employed }) => {
    const other = await employed();
    const [time] = await timesOf(request, doctor);
    const desk = await Program.ofStaff(request, ADMIN);
    const reference = await desk.book(doctor, time!, await desk.patient("Intan Permata"));
    await signInAsStaff(page.request, ADMIN);
    await page.setViewportSize(DESKTOP);
    const day = await dayOf(doctor.id, time!);
    await page.goto(day);
    const visit = cellsOf(page, "Intan Permata");
    const free = (id: number) => page.locator(`table.sheet td.f a[href*="offer=${id}-"]`).first();
    const hint = page.locator(".drag-hint");
    const startsAt = async () => {
        const [row] = await sql("select starts_at from appointments where reference = $1", [reference]);
        return (row!.starts_at as Date).getTime();
    };
    const before = await startsAt();

    // Escape ends it, and what follows is no click. The mouse drags once the page is alive.
    await expect(async () => {
        await drag(page, visit, free(doctor.id));
        await expect(hint).toContainText("Escape ends it", { timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await page.keyboard.press("Escape");
    await expect(hint).toBeEmpty();
    await page.mouse.up();
    await expect(page.locator("[data-drag]")).toHaveCount(0);
    expect(new URL(page.url()).pathname).toBe("/admin/day");

    await drag(page, visit, free(doctor.id));
    await page.mouse.up();
    await page.waitForURL(new RegExp(`/admin/appointments/${reference}/reschedule\\?starts_at=`));
    await expect(page.locator("main")).toContainText("Intan Permata");
    expect(await startsAt()).toBe(before);
    await page.locator("main form[action='/form/reschedule'] button").click();
    await page.waitForURL(/\/admin\/day.*moved=/);
    expect(await startsAt()).not.toBe(before);

    // With another doctor it is another appointment.
    await page.goto(day);
    await expect(async () => {
        await drag(page, cellsOf(page, "Intan Permata"), free(other.id));
        await expect(hint).toContainText("Escape ends it", { timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await page.mouse.up();
    await page.waitForURL(/\/reschedule\?starts_at=/);
    await expect(page.getByText("That time is with another doctor or at another clinic")).toBeVisible();
    await expect(page.getByRole("link", { name: "Book that time" })).toBeVisible();
});

/** The size of a sheet of A4 without its margins, in pixels: across and along. */
const A4 = { width: 1047, height: 718 };

test("the day and the week are printed as a table that fits A4, without menus", { tag: "@once" }, async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, ADMIN);
    const [time] = await timesOf(request, doctor);
    await desk.book(doctor, time!, await desk.patient("Ratih Kusuma"));
    await page.emulateMedia({ media: "print" });
    const expectPrintable = async (what: string) => {
        for (const shown of ["nav", "form", ".pager", ".btn", "[role=search]"]) {
            await expect(page.locator(shown).filter({ visible: true }), `${shown} of ${what}`).toHaveCount(0);
        }
        await expect(page.locator("h1")).toBeVisible();
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, what).toBeLessThanOrEqual(page.viewportSize()!.width);
    };
    await signInAsStaff(page.request, ADMIN);
    const day = await dayOf(doctor.id, time!);
    for (const path of [day, `${day.replace("/day", "/week")}&doctor=${doctor.id}`]) {
        // Paper that stands upright is as narrow as a phone, and has the table all the same.
        for (const size of [A4, { width: 657, height: 1000 }]) {
            await page.setViewportSize(size);
            await page.goto(path);
            await expectPrintable(path);
            const table = page.locator("table.sheet");
            expect(await table.evaluate((table) => getComputedStyle(table).display), path).toBe("table");
            const overflows = await table.evaluate((table) => table.scrollWidth > table.parentElement!.clientWidth);
            expect(overflows, path).toBe(false);
            await expect(cellsOf(page, "Ratih Kusuma")).toBeVisible();
        }
    }
    await signInAsStaff(page.request, doctor.email);
    await page.setViewportSize({ width: 657, height: 1000 });
    await page.goto(`/doctor?date=${new URL(day, "http://clinic.example").searchParams.get("date")}`);
    await expectPrintable("Today");
    await expect(page.locator("ol.rows")).toContainText("Ratih Kusuma");
});
