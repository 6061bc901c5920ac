// What a receptionist does: book for who calls, find a time for who walks in, block time, overbook.
import { offer } from "../support/clinic";
import { sql } from "../support/database";
import { Program, newPhone, seconds, signInAsStaff, timesOf } from "../support/http";
import { expect, test, type Page } from "../support/test";

const ADMIN = "admin@demo.example";
const COUGH = "A cough that does not go away";

async function findPatient(page: Page, phone: string, name: string): Promise<void> {
    await page.getByRole("link", { name: "Book for a patient" }).click();
    await page.getByLabel("Phone number of the patient").fill(phone);
    await page.getByLabel("Name of the patient").fill(name);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/book\?patient=\d+$/);
}

async function walkIn(page: Page, name: string, offer: string): Promise<void> {
    await page.goto("/admin");
    await page.getByRole("link", { name: "Walk-in" }).click();
    await page.getByLabel("Phone number of the patient").fill(newPhone());
    await page.getByLabel("Name of the patient").fill(name);
    await page.getByLabel("Doctor and service").selectOption(offer);
    await page.getByRole("button", { name: "Book the next free time" }).click();
}

async function overbook(page: Page, because: string): Promise<void> {
    await page.getByRole("textbox", { name: "Why it cannot wait" }).fill(because);
    await page.getByRole("button", { name: "Overbook this time" }).click();
    await page.waitForURL(/\/admin\/appointments\//);
}

test("a receptionist books for a caller", async ({ page, doctor }) => {
    await signInAsStaff(page.request, ADMIN);
    const phone = newPhone();
    await page.goto("/admin");
    await findPatient(page, phone, "Agus Salim");
    expect(page.url()).not.toContain(phone.slice(3));
    await expect(page.getByRole("main")).toContainText("Agus Salim");
    await page.getByLabel("Doctor and service").selectOption(offer(doctor));
    await page.getByRole("button", { name: "Show the times" }).click();
    await page.waitForURL(/offer=/);
    await page.locator("button.time:enabled").nth(3).click();
    await page.waitForURL(/at=\d+/);
    await page.getByLabel(/^Reason for the visit/).fill(COUGH);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/admin\/appointments\//);
    await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");
    await expect(page.getByRole("main")).toContainText(COUGH);
    await expect(page.locator("aside ol.timeline").first()).toContainText("Booked for the patient");
});

test("a receptionist loses a race without losing a word, and overbooks", async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, ADMIN);
    const [time] = await timesOf(request, doctor);
    await signInAsStaff(page.request, ADMIN);
    await page.goto(`/admin/book?patient=${await desk.patient("Maya Putri")}&offer=${offer(doctor)}&at=${seconds(time!)}`);
    await page.getByLabel(/^Reason for the visit/).fill(COUGH);
    // Somebody at another desk is faster.
    await desk.book(doctor, time!, await desk.patient("Agus Salim"));

    await page.getByRole("button", { name: "Book this appointment" }).click();
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("has just been taken.");
    await expect(conflict).toContainText("Nothing you entered is lost");
    await expect(conflict.locator(".offers button").first()).toBeVisible();
    await expect(conflict.getByRole("link", { name: "All times" })).toBeVisible();

    // It cannot wait.
    await overbook(page, "Severe pain");
    await expect(page.locator(".page-head .badge.overbooked")).toHaveText("Overbooked");
    await expect(page.getByRole("main")).toContainText(COUGH);
    await expect(page.locator("aside ol.timeline").first()).toContainText("Severe pain");
    await page.goto(`/admin?doctor=${doctor.id}&from=`);
    await expect(page.locator(".badge.overbooked")).toHaveCount(1);
});

test("a time that was overbooked is taken for the next receptionist", async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, ADMIN);
    const [time] = await timesOf(request, doctor);
    await desk.book(doctor, time!, await desk.patient("Agus Salim"));
    await signInAsStaff(page.request, ADMIN);
    await page.goto(`/admin/book?patient=${await desk.patient("Maya Putri")}&offer=${offer(doctor)}&at=${seconds(time!)}`);
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
});

test("who walks in gets the next free time", async ({ page, employed }) => {
    const doctor = await employed({ hours: [0, 24], early: true });
    await signInAsStaff(page.request, ADMIN);
    await walkIn(page, "Budi Hartono", offer(doctor));
    await page.waitForURL(/\/admin\/appointments\//);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Budi Hartono");
    await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");
});

test("who walks in when no time is left gets one of somebody else's", async ({ page, employed }) => {
    const doctor = await employed({ hours: [0, 24], early: true });
    await sql("delete from working_hours where doctor_id = $1", [doctor.id]);
    await signInAsStaff(page.request, ADMIN);
    await walkIn(page, "Citra Lestari", offer(doctor));
    const notice = page.getByRole("alert");
    await expect(notice).toContainText(`${doctor.name} has no free time left today.`);
    await expect(page.getByLabel("Name of the patient")).toHaveValue("Citra Lestari");
    await notice.getByRole("button", { name: "Overbook" }).click();
    await overbook(page, "A deep cut");
    await expect(page.locator(".page-head .badge.overbooked")).toBeVisible();
});

test("a doctor books for a patient in their own calendar", async ({ page, doctor }) => {
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/doctor");
    await findPatient(page, newPhone(), "Dewi Anggraini");
    await page.locator("button.time:enabled").first().click();
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/doctor\/appointments\//);
    await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");
});

test("a doctor blocks an hour, and is told who is in it", async ({ page, request, doctor }) => {
    const desk = await Program.ofStaff(request, doctor.email);
    const [time] = await timesOf(request, doctor);
    const reference = await desk.book(doctor, time!, await desk.patient("Dewi Anggraini"));
    const [row] = await sql(
        `select (starts_at at time zone time_zone)::date::text as day,
                to_char(starts_at at time zone time_zone, 'HH24:MI') as from
         from appointments join clinics on clinics.id = clinic_id where reference = $1`,
        [reference],
    );
    await signInAsStaff(page.request, doctor.email);
    await page.goto(`/doctor?date=${row!.day}`);
    await page.getByRole("link", { name: "Block time" }).click();
    await expect(page.getByLabel("Date")).toHaveValue(String(row!.day));
    await page.getByLabel("From").fill(String(row!.from));
    await page.getByLabel("Until").fill("24:00");
    await page.getByLabel(/^Note/).fill("Dentist");
    await page.getByRole("button", { name: "Block this time" }).click();
    // Who is hit is asked first.
    await expect(page.locator("#ask")).toContainText("Dewi Anggraini");
    await page.getByRole("button", { name: "Save the absence" }).click();
    await page.waitForURL(/saved=block/);
    const notice = page.getByRole("status");
    await expect(notice).toContainText("Blocked:");
    await expect(notice.getByRole("link", { name: "Whom to call" })).toBeVisible();
    await notice.getByRole("link", { name: new RegExp(reference) }).click();
    await expect(page.locator(".page-head .badge")).toHaveText("Confirmed");
});

test("reception finds anybody from any page by keys alone, and an older answer never overwrites a newer one", { tag: "@once" }, async ({ page }) => {
    await signInAsStaff(page.request, "reception@demo.example");
    await page.goto("/admin/day");
    // The machine room is somewhere else.
    await expect(page.locator("nav.nav a[href='/admin/locks']")).toHaveCount(0);
    const [patient] = await sql(
        `select patients.name from patients join appointments on patient_id = patients.id
         where clinic_id = (select min(id) from clinics) and status = 'confirmed' order by patients.id limit 1`,
    );
    const name = String(patient!.name);
    const words = name.split(" ").reverse().join(" ").toLowerCase();
    // What is typed first is answered last.
    let asked = 0;
    await page.route("**/live/find", async (route) => {
        asked += 1;
        if (asked === 1) {
            await new Promise((resolve) => setTimeout(resolve, 1500));
        }
        await route.continue();
    });
    await expect(page.getByRole("button", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("/");
    const box = page.locator("#find-anybody");
    await expect(box).toBeFocused();
    await box.pressSequentially("zzz-nobody", { delay: 10 });
    await expect.poll(() => asked).toBe(1);
    await box.fill(words);
    const list = page.locator("#found-anybody");
    await expect(list).toContainText(name);
    await page.waitForTimeout(2000);
    await expect(list).toContainText(name);
    await page.keyboard.press("ArrowDown");
    await expect(list.locator("li > a").first()).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(list).toBeHidden();
    await expect(box).toBeFocused();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/staff\/find$/);
    await expect(page.getByRole("main")).toContainText(name);
    expect(page.url()).not.toContain(words.slice(0, 3));
});
