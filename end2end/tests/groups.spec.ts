// A session for a group: planned by its doctor, found on the start page, and taken seats in while others look.
import { sql } from "../support/database";
import { newPhone, signInAsPatient, signInAsStaff } from "../support/http";
import { expect, test } from "../support/test";

test("a doctor plans a class, and seats go while somebody looks", async ({
    page,
    browser,
    doctor,
    javaScriptEnabled,
}) => {
    // Without JavaScript a page is as it was until somebody asks for it again.
    const lookAgain = async () => void (javaScriptEnabled || (await page.reload()));
    await signInAsStaff(page.request, doctor.email);
    await page.goto("/doctor/groups/new");
    const title = `Back school ${doctor.id}`;
    await page.locator("#clinic").selectOption(String(doctor.clinic));
    await page.locator("#service").selectOption(String(doctor.service));
    await page.getByLabel("Title").fill(title);
    const day = new Date(Date.now() + 45 * 86_400_000).toISOString().slice(0, 10);
    await page.locator("#day").fill(day);
    await page.locator("#hours").fill("17:30");
    await page.getByLabel("Length in minutes").fill("60");
    await page.getByLabel("Number of seats").fill("3");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.waitForURL(/\/doctor\/groups\/\d+\?saved=1/);
    await expect(page.locator("main")).toContainText("3 of 3 left");
    const [row] = await sql("select id from groups where title = $1", [title]);

    const other = await browser.newPage();
    await signInAsPatient(other.request, newPhone());
    await other.goto(`/groups/${row!.id}`);
    await other.getByLabel("Your name").fill("Rini");
    await other.getByLabel("How many seats").fill("2");
    await other.getByRole("button", { name: "Take the seats" }).click();
    await other.waitForURL(/\/done$/);
    await expect(other.locator("main")).toContainText(title);
    // The doctor's page learns of it by itself.
    await lookAgain();
    await expect(page.locator("#who-sits")).toContainText("1 of 3 left");

    // Who wants more than are left is told how many, and loses no word.
    const third = await browser.newPage();
    await signInAsPatient(third.request, newPhone());
    await third.goto(`/groups/${row!.id}`);
    await third.getByLabel("Your name").fill("Sari");
    await third.getByLabel("How many seats").fill("2");
    await third.getByLabel("Reason for the visit").fill("With my mother");
    await third.getByRole("button", { name: "Take the seats" }).click();
    await expect(third.getByRole("alert")).toContainText("Only one seat is left.");
    await expect(third.getByLabel("Reason for the visit")).toHaveValue("With my mother");
    await third.getByLabel("How many seats").fill("1");
    await third.getByRole("button", { name: "Take the seats" }).click();
    await third.waitForURL(/\/done$/);
    await lookAgain();
    await expect(page.locator("#who-sits")).toContainText("No seats left");
});
