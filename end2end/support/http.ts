// States that a test begins with, reached without clicking: the forms of a browser's own session, and the API.
import { expect, type APIRequestContext, type Page } from "@playwright/test";
import { PASSWORD, unique, type Doctor } from "./clinic";

/** Sends a form as a browser without JavaScript does; answers with where it leads. */
export async function submit(request: APIRequestContext, form: string, fields: Record<string, string | number>): Promise<string> {
    const answer = await request.post(`/form/${form}`, {
        form: fields,
        headers: { accept: "text/html" },
        maxRedirects: 0,
    });
    expect([302, 303], `${form} answers with ${answer.status()}`).toContain(answer.status());
    const location = answer.headers()["location"]!;
    expect(location, form).not.toContain("__err");
    return location;
}

/** A phone number that no other test uses, and nobody has. */
export const newPhone = (): string => `+62855${unique()}`;

/** The newest code that was sent to a phone. */
export async function codeFor(request: APIRequestContext, phone: string): Promise<string> {
    const messages: { to: string; body: string }[] = await (await request.get("/demo/messages.json")).json();
    const message = messages.find((message) => message.to === phone);
    expect(message, `a message to ${phone}`).toBeTruthy();
    return /\d{6}/.exec(message!.body)![0];
}

/** The path of the link in the newest message to a phone that has one. A message is sent some moments after what it is about. */
export async function linkFor(request: APIRequestContext, phone: string): Promise<string> {
    let path = "";
    const look = async () => {
        const messages: { to: string; body: string }[] = await (await request.get("/demo/messages.json")).json();
        const found = messages.filter((message) => message.to === phone).map((message) => /\/[as]\/[a-z0-9]+/.exec(message.body));
        path = found.find((match) => match !== null)?.[0] ?? "";
        return path;
    };
    await expect.poll(look, { message: `a link to ${phone}` }).not.toBe("");
    return path;
}

/** Signs in with a code that was sent to a phone. */
export async function signInAsPatient(request: APIRequestContext, phone: string): Promise<void> {
    await submit(request, "request-code", { phone });
    await submit(request, "verify-code", { code: await codeFor(request, phone) });
}

/** Signs in with e-mail and password. Each test has a session of its own, since a session keeps what was typed. */
export async function signInAsStaff(request: APIRequestContext, email: string, password = PASSWORD): Promise<void> {
    await submit(request, "staff-sign-in", { email, password });
}

/** The free times of a doctor from the day after tomorrow on, which may be booked, moved and cancelled. */
export async function timesOf(request: APIRequestContext, doctor: Doctor): Promise<Date[]> {
    const from = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const answer = await request.get(`/api/v1/doctors/${doctor.id}/slots?service=${doctor.type}&from=${from}`);
    const slots: { starts_at: string }[] = (await answer.json()).data;
    expect(slots.length, `free times of ${doctor.name}`).toBeGreaterThan(0);
    return slots.map((slot) => new Date(slot.starts_at));
}

/** A time as the forms and the buttons of the pages name it. */
export const seconds = (time: Date): string => String(time.getTime() / 1000);

/** Holds a time in a browser; answers with the reference. */
export async function hold(request: APIRequestContext, doctor: Doctor, time: Date): Promise<string> {
    const location = await submit(request, "hold", {
        doctor_id: doctor.id,
        clinic_id: doctor.clinic,
        service_id: doctor.service,
        starts_at: seconds(time),
    });
    return location.split("/")[2]!;
}

/** The reference in the address of a step of a booking. */
export const referenceOf = (page: Page): string => new URL(page.url()).pathname.split("/")[2]!;

export interface Visitor {
    name: string;
    reason: string;
}

export const MAYA: Visitor = { name: "Maya Putri", reason: "A cough that does not go away" };

/** Says who comes and why, as a new patient who types in the code: what is left is to book. */
export async function identify(request: APIRequestContext, reference: string, { name, reason } = MAYA): Promise<void> {
    const phone = newPhone();
    await submit(request, "details", { reference, phone, name, reason });
    await submit(request, "verify-code", { code: await codeFor(request, phone) });
}

/** Holds a time as a new patient, and stops before the last step; answers with the reference. */
export async function prepare(request: APIRequestContext, doctor: Doctor, time: Date, visitor = MAYA): Promise<string> {
    const reference = await hold(request, doctor, time);
    await identify(request, reference, visitor);
    return reference;
}

/** Books a time as a new patient, who is then signed in; answers with the reference. */
export async function book(request: APIRequestContext, doctor: Doctor, time: Date, visitor = MAYA): Promise<string> {
    const reference = await prepare(request, doctor, time, visitor);
    await submit(request, "submit", { reference });
    return reference;
}

/** Somebody who uses the API. */
export class Program {
    private constructor(
        private readonly request: APIRequestContext,
        private readonly token: string,
    ) {}

    /** A new patient. */
    static async ofPatient(request: APIRequestContext, name = "Maya Putri"): Promise<Program> {
        const phone = newPhone();
        const { challenge } = await call(request, "auth/otp", { phone });
        const { token } = await call(request, "auth/otp/verify", { challenge, code: await codeFor(request, phone), name });
        return new Program(request, String(token));
    }

    static async ofStaff(request: APIRequestContext, email: string): Promise<Program> {
        const { token } = await call(request, "auth/login", { email, password: PASSWORD });
        return new Program(request, String(token));
    }

    /** Books a time; answers with the reference. Staff say for which patient. */
    async book(doctor: Doctor, time: Date, patient?: number): Promise<string> {
        const { reference } = await this.post("appointments", {
            doctor_id: doctor.id,
            scheduled_at: time.toISOString(),
            type: doctor.type,
            reason: "A cough that does not go away",
            ...(patient && { patient_id: patient }),
        });
        return String(reference);
    }

    /** Takes an appointment to each of these statuses, one after the other. */
    async change(reference: string, ...statuses: string[]): Promise<void> {
        for (const status of statuses) await this.post(`appointments/${reference}/status`, { status });
    }

    async move(reference: string, time: Date): Promise<void> {
        await this.post(`appointments/${reference}/reschedule`, { scheduled_at: time.toISOString() });
    }

    /** Finds a patient by phone, or adds one; answers with the id. */
    async patient(name: string): Promise<number> {
        return Number((await this.post("patients", { phone: newPhone(), name })).id);
    }

    private post(path: string, data: unknown): Promise<Record<string, unknown>> {
        return call(this.request, path, data, this.token);
    }
}

async function call(request: APIRequestContext, path: string, data: unknown, token?: string): Promise<Record<string, unknown>> {
    const answer = await request.post(`/api/v1/${path}`, {
        data,
        headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    const body = await answer.json();
    expect(answer.ok(), `${path}: ${JSON.stringify(body)}`).toBe(true);
    return body.data;
}
