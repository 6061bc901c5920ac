// The day calendar of a large clinic, for who does not see it, or sees little of it at a time: 20 doctors, 60 appointments each.
import { openClinic, type Doctor } from "../support/clinic";
import { sql } from "../support/database";
import { newPhone, signInAsStaff } from "../support/http";
import { expect, test, type Page } from "../support/test";

const DOCTORS = 20;
const APPOINTMENTS = 60;

/** Fills a day from eight to six with appointments of ten minutes, one patient for each doctor; answers with its path. */
async function fillDay(clinic: number, doctors: Doctor[]): Promise<string> {
    // As many at once as no clock tells apart.
    const phones = doctors.map((_, place) => newPhone().replace("+62855", "+62856").slice(0, -2) + String(place).padStart(2, "0"));
    const patients = await sql(
        `insert into patients (phone, name)
         select phone, 'Wulan Kusuma ' || place from unnest($1::text[]) with ordinality as list (phone, place)
         returning id`,
        [phones],
    );
    const [row] = await sql(
        `with days as (
             select id, time_zone, (now() at time zone time_zone)::date + 2 as day from clinics where id = $1
         ), filled as (
             insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode)
             select 'Z' || lpad(place::text, 3, '0') || '-' || lpad(step::text, 4, '0'), doctor, days.id, $4, patient,
                    'confirmed', at, at + interval '10 minutes', at, at + interval '10 minutes', 10, 'in_person'
             from days, unnest($2::bigint[], $3::bigint[]) with ordinality as list (doctor, patient, place),
                  generate_series(0, $5::int - 1) as step,
                  lateral (select (day + time '08:00' + step * interval '10 minutes') at time zone time_zone as at) as times
         )
         select day::text as day from days`,
        [clinic, doctors.map(({ id }) => id), patients.map(({ id }) => id), doctors[0]!.service, APPOINTMENTS],
    );
    return `/admin/day?clinic=${clinic}&date=${row!.day}`;
}

/** Reads the table as a screen reader does, by the headers of each cell. */
const read = (page: Page) =>
    page.evaluate(() => {
        const table = document.querySelector<HTMLTableElement>("table.sheet")!;
        const heads = [...table.querySelectorAll("thead th[scope=col]")].map((head) => head.textContent!.trim());
        // The row from which on each column is free.
        const free = heads.map(() => 0);
        const wrong: string[] = [];
        let [links, rows] = [0, 0];
        for (const row of table.tBodies[0]!.rows) {
            const [head, ...cells] = row.cells;
            if (head!.scope !== "row") wrong.push(`row ${rows} has no header`);
            let column = 1;
            for (const cell of cells) {
                while (free[column]! > rows) column += 1;
                free[column] = rows + cell.rowSpan;
                const link = cell.querySelector("a");
                if (link) {
                    links += 1;
                    const whose = link.querySelector("i")!.textContent!.trim();
                    const time = head!.textContent!.trim();
                    if (whose !== heads[column] || !link.textContent!.startsWith(time)) {
                        wrong.push(`${link.textContent} stands at ${time} below ${heads[column]}`);
                    }
                }
                column += 1;
            }
            rows += 1;
        }
        return { heads, links, rows, wrong };
    });

/** What has the focus: its words, and whether it can be seen or lies below the headers. */
const focused = (page: Page) =>
    page.evaluate(() => {
        const element = document.activeElement!;
        const { left, top, width, height } = element.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return { text: element.textContent!, isSeen: there !== null && element.contains(there) };
    });

test("a day of 60 by 20 is read by rows and columns, gone through by arrows, and a list on a phone", { tag: "@once" }, async ({ page, employed }) => {
    const clinic = await openClinic();
    const doctors: Doctor[] = [];
    for (let number = 1; number <= DOCTORS; number += 1) {
        const name = `Column ${String(number).padStart(2, "0")}`;
        doctors.push(await employed({ clinic: clinic.id, name, hours: [8, 18] }));
    }
    const day = await fillDay(clinic.id, doctors);
    await signInAsStaff(page.request, clinic.reception);
    await page.goto(day);

    await expect(page.getByRole("table", { name: /^Times in rows/ })).toBeVisible();
    await expect(page.getByRole("columnheader")).toHaveCount(1 + DOCTORS);
    await expect(page.getByRole("rowheader")).toHaveCount(APPOINTMENTS);
    const { heads, links, rows, wrong } = await read(page);
    expect(wrong).toEqual([]);
    expect(heads.slice(1)).toEqual(doctors.map(({ name }) => name));
    expect([links, rows]).toEqual([DOCTORS * APPOINTMENTS, APPOINTMENTS]);

    const cells = page.locator("table.sheet tbody td a");
    // The keys lead once the page is alive.
    await expect(async () => {
        await cells.first().focus();
        await page.keyboard.press("ArrowDown");
        expect((await focused(page)).text).toContain("08:10");
    }).toPass({ timeout: 20_000 });
    await page.keyboard.press("ArrowUp");
    /** Presses a key again and again, and hears where it leads. */
    const go = async (key: string, times: number): Promise<string[]> => {
        const heard: string[] = [];
        for (let count = 0; count < times; count += 1) {
            await page.keyboard.press(key);
            const { text, isSeen } = await focused(page);
            expect(isSeen, `${text} can be seen`).toBe(true);
            heard.push(text);
        }
        return heard;
    };
    const clock = (row: number) => `${String(8 + Math.floor(row / 6)).padStart(2, "0")}:${row % 6}0`;
    const column = Array.from({ length: APPOINTMENTS }, (_, row) => clock(row));
    const down = await go("ArrowDown", APPOINTMENTS - 1);
    expect(down.map((text) => text.slice(0, 5))).toEqual(column.slice(1));
    expect(down.every((text) => text.endsWith("Column 01"))).toBe(true);
    const up = await go("ArrowUp", APPOINTMENTS - 1);
    expect(up.map((text) => text.slice(0, 5))).toEqual(column.slice(0, -1).reverse());
    expect(up.every((text) => text.endsWith("Column 01"))).toBe(true);
    const right = await go("ArrowRight", DOCTORS - 1);
    expect(right.map((text) => text.slice(-9))).toEqual(doctors.slice(1).map(({ name }) => name));
    expect(right.every((text) => text.startsWith("08:00"))).toBe(true);
    // Above the first one is the head of the column, which leads to the week of the doctor.
    await page.keyboard.press("ArrowUp");
    await expect(page.getByRole("link", { name: "Column 20", exact: true })).toBeFocused();

    await page.setViewportSize({ width: 320, height: 640 });
    const list = await cells.evaluateAll((all) => ({
        lefts: [...new Set(all.map((link) => Math.round(link.getBoundingClientRect().left)))],
        narrowest: Math.min(...all.map((link) => link.getBoundingClientRect().width)),
        first: all.slice(0, 2).map((link) => link.textContent!),
        sticksOut: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    expect(list.lefts).toHaveLength(1);
    expect(list.narrowest).toBeGreaterThan(240);
    expect(list.sticksOut).toBeLessThanOrEqual(0);
    // Each says when it is and whose.
    expect(list.first.map((text) => [text.slice(0, 5), text.slice(-9)])).toEqual([
        ["08:00", "Column 01"],
        ["08:00", "Column 02"],
    ]);
    await expect(cells.first().locator("i")).toBeVisible();
});
