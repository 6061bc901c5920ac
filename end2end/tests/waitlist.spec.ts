// The waitlist, from the list of times to the appointment.
import { newPhone, signInAsPatient, signInAsStaff, timesOf } from "../support/http";
import { expect, test } from "../support/test";

test("a patient waits for a time, is offered one and takes it", async ({ page, another, doctor }) => {
    await signInAsPatient(page.request, newPhone());
    await page.goto(`/doctors/${doctor.id}`);
    await page.getByRole("link", { name: "Tell me when a time comes free" }).click();
    await page.getByRole("button", { name: "Put me on the waitlist" }).click();
    await expect(page.getByRole("heading", { name: "You are on the waitlist." })).toBeVisible();

    const times = await timesOf(page.request, doctor);
    const desk = await another();
    await signInAsStaff(desk.request, "admin@demo.example");
    await desk.goto("/admin/waitlist");
    const entry = desk.locator("li.card", { hasText: doctor.name });
    await entry.getByText("Offer a time by hand").click();
    // As the clock of the first clinic shows it.
    const at = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Jakarta", dateStyle: "short", timeStyle: "short" }).format(times.at(-1)!);
    const [day, clock] = at.split(" ");
    await entry.getByLabel("Day", { exact: true }).fill(day!);
    await entry.getByLabel("Time", { exact: true }).fill(clock!);
    await entry.getByRole("button", { name: "Keep it for this patient" }).click();
    await expect(desk.getByRole("heading", { name: "The time is kept for the patient, who gets a message." })).toBeVisible();

    await page.goto("/waitlist");
    await page.getByRole("button", { name: "Take this time" }).click();
    await page.waitForURL(/\/done/);
    await expect(page.locator(".reference")).toBeVisible();
});

test("a patient waits for a seat in a full class, and takes it when one is added", async ({ page, another, doctor }) => {
    const staff = await another();
    await signInAsStaff(staff.request, doctor.email);
    await staff.goto("/doctor/groups/new");
    const title = `Yoga ${doctor.id}`;
    await staff.locator("#clinic").selectOption(String(doctor.clinic));
    await staff.locator("#service").selectOption(String(doctor.service));
    await staff.getByLabel("Title").fill(title);
    await staff.locator("#day").fill(new Date(Date.now() + 46 * 86_400_000).toISOString().slice(0, 10));
    await staff.locator("#hours").fill("17:30");
    await staff.getByLabel("Length in minutes").fill("60");
    await staff.getByLabel("Number of seats").fill("1");
    await staff.getByRole("button", { name: "Publish" }).click();
    await staff.waitForURL(/\/doctor\/groups\/\d+\?saved=1/);
    const group = /\/groups\/(\d+)/.exec(staff.url())![1]!;

    const first = await another();
    await signInAsPatient(first.request, newPhone());
    await first.goto(`/groups/${group}`);
    await first.getByLabel("Your name").fill("Rini");
    await first.getByRole("button", { name: "Take the seats" }).click();
    await first.waitForURL(/\/done$/);

    await signInAsPatient(page.request, newPhone());
    await page.goto(`/groups/${group}`);
    await page.getByRole("link", { name: "Tell me when a seat comes free" }).click();
    await page.getByRole("button", { name: "Put me on the waitlist" }).click();
    await expect(page.getByRole("heading", { name: "You are on the waitlist." })).toBeVisible();

    await staff.goto(`/doctor/groups/${group}`);
    await staff.getByLabel("Number of seats").fill("2");
    await staff.getByRole("button", { name: "Save", exact: true }).click();
    await staff.waitForURL(/saved=1/);
    // At night nobody is asked, and the seat is kept by hand.
    const desk = await another();
    await signInAsStaff(desk.request, "admin@demo.example");
    await desk.goto("/admin/waitlist");
    const entry = desk.locator("li.card", { hasText: title });
    const keep = entry.getByRole("button", { name: "Keep one seat for this patient" });
    if (await keep.isVisible()) await keep.click();
    await expect(entry.getByText("is kept until")).toBeVisible();

    await page.goto("/waitlist");
    await page.getByRole("button", { name: "Take the seats" }).click();
    await page.waitForURL(/\/done/);
    await expect(page.locator(".reference")).toBeVisible();
});
