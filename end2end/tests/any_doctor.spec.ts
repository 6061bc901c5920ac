// Who does not mind which doctor: a time is chosen, and whoever's turn it is has it.
import type { Doctor } from "../support/clinic";
import { identify, referenceOf, seconds, timesOf } from "../support/http";
import { expect, test as base, type Page } from "../support/test";

interface Team {
    /** The name of the service that only they offer. */
    service: string;
    doctors: Doctor[];
}

const test = base.extend<{ team: Team }>({
    team: async ({ employed, service: { id, name } }, use) => {
        await use({ service: name, doctors: [await employed({ service: id }), await employed({ service: id })] });
    },
});

/** Opens the list of times, from the start page on. */
async function openTimes(page: Page, { service, doctors }: Team): Promise<void> {
    await page.goto(`/?clinic=${doctors[0]!.clinic}`);
    await page.getByRole("region", { name: "Any doctor will do" }).getByRole("link", { name: service }).click();
    await page.waitForURL(/\/services\/\d+/);
}

/** The name of one of the doctors. */
const nameOfOne = ({ doctors }: Team): RegExp => new RegExp(doctors.map(({ name }) => name).join("|"));

const choose = (page: Page, time: Date) => page.locator(`button.time[value="${seconds(time)}"]`).click();

test("who does not mind the doctor is told who it is, and books", async ({ page, team }) => {
    const [time] = await timesOf(page.request, team.doctors[0]!);
    await openTimes(page, team);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("with any doctor");
    await choose(page, time!);
    await page.waitForURL(/\/book\//);
    await identify(page.request, referenceOf(page));
    await page.goto(`/book/${referenceOf(page)}/check`);
    await expect(page.getByRole("definition").filter({ hasText: nameOfOne(team) })).toBeVisible();
    await page.getByRole("button", { name: "Book this appointment" }).click();
    await page.waitForURL(/\/done/);
});

test("all who choose one time are given different doctors, and the next is offered other times", async ({ page, another, team }) => {
    const [time] = await timesOf(page.request, team.doctors[0]!);
    const others = [await another(), await another()];
    // Everybody has the page open before anybody chooses.
    for (const one of [page, ...others]) await openTimes(one, team);
    const names = new Set<string>();
    for (const other of others) {
        await choose(other, time!);
        await other.waitForURL(/\/book\//);
        const chosen = await other.locator(".page-head p").textContent();
        names.add(nameOfOne(team).exec(chosen!)![0]);
    }
    expect(names.size).toBe(team.doctors.length);

    await choose(page, time!);
    const conflict = page.getByRole("alert");
    await expect(conflict).toContainText("has just been taken.");
    await expect(conflict.getByRole("link", { name: "All times" })).toHaveAttribute("href", /^\/services\//);
    await expect(conflict.locator(".offers button")).toHaveCount(3);
    await conflict.locator(".offers button").first().click();
    await page.waitForURL(/\/book\//);
});
