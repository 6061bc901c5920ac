// Doctors and services of one test alone: no other test takes their times.
import { sql } from "./database";

export const PASSWORD = "janji-demo";

export interface Doctor {
    id: number;
    clinic: number;
    service: number;
    /** The key of the service. */
    type: string;
    name: string;
    email: string;
}

/** Differences from a doctor who offers visits at the first clinic, from nine to five on every day of the week. */
export interface Wish {
    /** Hours of the day. */
    hours?: [from: number, until: number];
    /** At the clinic where the day has just begun. */
    early?: boolean;
    /** The id of a service. */
    service?: number;
    /** The id of a clinic. */
    clinic?: number;
    name?: string;
}

let made = 0;

/** A number that no other test has. */
export function unique(): string {
    made += 1;
    const worker = process.env.TEST_WORKER_INDEX ?? "0";
    return `${Date.now() % 10_000_000}${Number(worker) % 10}${made % 10}`.padStart(9, "0");
}

/** Adds a doctor with an account of their own, whose password is that of the demo. */
export async function employ({ hours = [9, 17], early = false, service, clinic, name }: Wish = {}): Promise<Doctor> {
    const number = unique();
    const [called, email] = [name ?? `Dr Test ${number}`, `d${number}@demo.example`];
    const [row] = await sql(
        `with clinic as (
             select id from clinics where id = $7 or $7 is null
             order by case when $3::boolean then extract(hour from now() at time zone time_zone) end, id limit 1
         ), service as (
             select id, key from services where id = $4 or $4 is null and key = 'in_person'
         ), account as (
             insert into staff (role, name, email, password_hash)
             select 'doctor', $1, $2, password_hash from staff where email = 'lena@demo.example' returning id
         ), doctor as (
             insert into doctors (staff_id, name, speciality) select id, $1, 'General practice' from account returning id
         ), offer as (
             insert into offers (doctor_id, clinic_id, service_id)
             select doctor.id, clinic.id, service.id from doctor, clinic, service
         ), plan as (
             insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctor.id, clinic.id, weekday, $5::int, $6::int from doctor, clinic, generate_series(1, 7) as weekday
         )
         select doctor.id, clinic.id as clinic, service.id as service, key from doctor, clinic, service`,
        [called, email, early, service ?? null, 60 * hours[0], 60 * hours[1], clinic ?? null],
    );
    return {
        id: Number(row!.id),
        clinic: Number(row!.clinic),
        service: Number(row!.service),
        type: String(row!.key),
        name: called,
        email,
    };
}

/** The hour of the day at a clinic that a test opens: its day has not just begun, so that `early` never means this one. */
export const OPENING_HOUR = 13;

/**
 * Opens a clinic of one test alone, with a reception; answers with its id, and the e-mail of who signs in there. By its name it
 * is the last one: whoever adds a doctor on the page and chooses no clinic adds them to the first.
 */
export async function openClinic(): Promise<{ id: number; reception: string }> {
    const number = unique();
    const reception = `r${number}@demo.example`;
    const offset = OPENING_HOUR - new Date().getUTCHours();
    // These zones count the other way round.
    const zone = `Etc/GMT${offset > 0 ? -offset : `+${-offset}`}`;
    const [row] = await sql(
        `with clinic as (
             insert into clinics (name, address, city, phone, time_zone)
             values ($1, 'Jalan Melati 3', 'Bandung', '+62 22 555 0100', $2) returning id
         ), account as (
             insert into staff (role, name, email, password_hash)
             select 'reception', $3, $4, password_hash from staff where email = 'lena@demo.example' returning id
         ), desk as (
             insert into staff_clinics (staff_id, clinic_id) select account.id, clinic.id from account, clinic
         )
         select id from clinic`,
        [`Test clinic ${number}`, zone, `Reception ${number}`, reception],
    );
    return { id: Number(row!.id), reception };
}

/** Lets a doctor be booked no more. */
export async function dismiss(doctor: Doctor): Promise<void> {
    await sql("update doctors set active = false where id = $1", [doctor.id]);
}

/** Adds a service of half an hour, which nobody offers yet; answers with its id. */
export async function addService(name: string): Promise<number> {
    const [row] = await sql(
        `insert into services (key, name, mode, duration_minutes, slot_interval_minutes)
         values ($1, $2, 'in_person', 30, 30) returning id`,
        [`s_${unique()}`, name],
    );
    return Number(row!.id);
}

/** Closes a service to new bookings. */
export async function closeService(service: number): Promise<void> {
    await sql("update services set active = false where id = $1", [service]);
}

/** Closes the doctor's clinic to their patients on the day of a time. */
export async function closeDay(doctor: Doctor, time: Date): Promise<void> {
    await sql(
        `insert into plan_exceptions (doctor_id, clinic_id, day)
         select $1, id, ($3::timestamptz at time zone time_zone)::date from clinics where id = $2`,
        [doctor.id, doctor.clinic, time],
    );
}

/** The doctor, clinic and service as one choice of the desk. */
export const offer = (doctor: Doctor): string => `${doctor.id}-${doctor.clinic}-${doctor.service}`;
