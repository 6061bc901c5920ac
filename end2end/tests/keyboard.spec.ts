// A receptionist who never reaches for the mouse: calls of all kinds, and the keys that each of them costs.
import { OPENING_HOUR, offer, openClinic } from "../support/clinic";
import { newPhone, signInAsStaff } from "../support/http";
import { expect, test, type Page } from "../support/test";

/** The most keys of a call of each kind, besides the letters of what is typed in: every one of them is said here. */
const MOST = {
    // Day calendar, first free time, that one; from phone to name, on; past the reason, book.
    book: ["d", "f", "Enter", "Tab", "Enter", "Tab", "Enter"].length,
    // The box, the first one found, open.
    find: ["/", "ArrowDown", "Enter"].length,
    // Found; the appointment; move, first free time, that one; to the button, move.
    move: ["/", "ArrowDown", "Enter", "j", "Enter", "m", "f", "Enter", "Tab", "Enter"].length,
    // Found; the appointment; cancel, to the reason, to the button, cancel.
    cancel: ["/", "ArrowDown", "Enter", "j", "Enter", "c", "Tab", "Tab", "Enter"].length,
    // Walk-in; to the name, to the doctor, past the reason, to the button, book.
    "walk-in": ["w", "Tab", "Tab", "Tab", "Tab", "Enter"].length,
    // Found; the appointment, its first step.
    arrived: ["/", "ArrowDown", "Enter", "j", "x"].length,
};

type Call = keyof typeof MOST;

const BOOKED = ["Ayu Lestari", "Bima Prakoso", "Cahya Maharani", "Dian Sanjaya", "Eka Hidayat"];
/** The last rounds are as the first two, on a fuller day: `script/test browser --long` has all five, which are thirty calls. */
const ROUNDS = process.env.JANJI_LONG ? BOOKED.length : 2;
const WALKED_IN = ["Farah Nurdin", "Galih Suryadi", "Hana Pertiwi", "Indra Gunadi", "Joko Wahyudi"];

/** Two hands on a keyboard. */
class Receptionist {
    /** The keys since somebody counted, without letters that were typed in. */
    private keys = 0;

    constructor(private readonly page: Page) {}

    count(): number {
        const keys = this.keys;
        this.keys = 0;
        return keys;
    }

    private async press(key: string): Promise<void> {
        this.keys += 1;
        await this.page.keyboard.press(key);
    }

    /** Presses a key that leads to another page, and waits until that is alive. */
    private async leave(key: string): Promise<void> {
        await this.page.evaluate(() => document.documentElement.setAttribute("data-left", ""));
        await this.press(key);
        await expect(this.page.locator("html[data-left]"), `${key} leads on`).toHaveCount(0);
        await this.isAlive();
    }

    async isAlive(): Promise<void> {
        await expect(this.page.getByRole("button", { name: "Keyboard shortcuts" })).toBeVisible();
    }

    private async type(text: string): Promise<void> {
        await this.page.keyboard.type(text);
    }

    /** Expects that what was achieved is said, and has the focus. */
    private async hears(text: string | RegExp): Promise<void> {
        const notice = this.page.locator("#errors");
        await expect(notice).toContainText(text);
        await expect(notice).toBeFocused();
    }

    private async saysWho(name: string): Promise<void> {
        await expect(this.page.getByLabel("Phone number of the patient")).toBeFocused();
        await this.type(newPhone());
        await this.press("Tab");
        await this.type(name);
    }

    async book(name: string): Promise<void> {
        await this.leave("d");
        await this.press("f");
        await expect(this.page.locator("td.f > a").first()).toBeFocused();
        await this.leave("Enter");
        await this.saysWho(name);
        await this.leave("Enter");
        await expect(this.page.getByLabel(/^Reason for the visit/)).toBeFocused();
        await this.press("Tab");
        await this.leave("Enter");
        await this.hears(name);
    }

    async walkIn(name: string, doctor: string, value: string): Promise<void> {
        await this.leave("w");
        await this.saysWho(name);
        await this.press("Tab");
        // A list goes to what begins with the letters.
        await this.type(doctor.slice(0, 1));
        await expect(this.page.getByLabel("Doctor and service")).toHaveValue(value);
        await this.press("Tab");
        await this.press("Tab");
        await this.leave("Enter");
        await this.hears(name);
    }

    async find(name: string): Promise<void> {
        await this.press("/");
        await expect(this.page.locator("#find-anybody")).toBeFocused();
        await this.type(name.split(" ")[1]!.toLowerCase());
        const first = this.page.locator("#found-anybody li > a").first();
        await expect(first).toContainText(name);
        await this.press("ArrowDown");
        await expect(first).toBeFocused();
        await this.leave("Enter");
        await expect(this.page.getByRole("heading", { level: 1 })).toHaveText(name);
    }

    /** Goes to the appointment of a patient. */
    private async findAppointment(name: string): Promise<void> {
        await this.find(name);
        await this.press("j");
        await expect(this.page.locator("main ol.rows h3 a").first()).toBeFocused();
    }

    async move(name: string): Promise<void> {
        await this.findAppointment(name);
        await this.leave("Enter");
        await this.leave("m");
        await this.press("f");
        await expect(this.page.locator("button.time:enabled").first()).toBeFocused();
        await this.leave("Enter");
        await expect(this.page.getByRole("heading", { level: 1 })).toBeFocused();
        await this.press("Tab");
        await this.leave("Enter");
        await this.hears(`${name} is moved to`);
    }

    async cancel(name: string): Promise<void> {
        await this.findAppointment(name);
        await this.leave("Enter");
        await this.press("c");
        await expect(this.page.getByRole("radio", { name: /^Cancel/ })).toBeChecked();
        await this.press("Tab");
        await expect(this.page.locator("#change textarea")).toBeFocused();
        await this.type("Ill");
        await this.press("Tab");
        await this.leave("Enter");
        await this.hears(/Cancelled/);
    }

    async arrived(name: string): Promise<void> {
        await this.findAppointment(name);
        await this.leave("x");
        await this.hears(`${name} is here`);
    }
}

test("a receptionist takes calls by keyboard alone", { tag: "@once" }, async ({ page, employed }) => {
    const clinic = await openClinic();
    // All of their times are ahead, and today.
    const hours: [number, number] = [OPENING_HOUR + 2, 24];
    await employed({ clinic: clinic.id, name: "Anton Wirawan", hours });
    const bella = await employed({ clinic: clinic.id, name: "Bella Kusuma", hours });
    await signInAsStaff(page.request, clinic.reception);
    const receptionist = new Receptionist(page);
    await page.goto("/admin/day");
    await receptionist.isAlive();

    const keys: Partial<Record<Call, number[]>> = {};
    const take = async (call: Call, deed: Promise<void>) => {
        await deed;
        const count = receptionist.count();
        (keys[call] ??= []).push(count);
        expect.soft(count, call).toBeLessThanOrEqual(MOST[call]);
    };
    for (const [round, booked] of BOOKED.slice(0, ROUNDS).entries()) {
        const walked = WALKED_IN[round]!;
        const walkIn = () => take("walk-in", receptionist.walkIn(walked, bella.name, offer(bella)));
        const book = () => take("book", receptionist.book(booked));
        const find = () => take("find", receptionist.find(walked));
        const move = () => take("move", receptionist.move(booked));
        const arrived = () => take("arrived", receptionist.arrived(walked));
        const cancel = () => take("cancel", receptionist.cancel(booked));
        const calls =
            round % 2 === 0
                ? [walkIn, book, find, move, arrived, cancel]
                : [book, walkIn, move, find, cancel, arrived];
        for (const call of calls) await call();
    }
    expect(Object.values(keys).flat()).toHaveLength(6 * ROUNDS);
    test.info().annotations.push({ type: "keys of each call", description: JSON.stringify(keys) });
});
