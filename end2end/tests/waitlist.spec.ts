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
