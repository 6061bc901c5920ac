// The database of the Janji under test, for what nobody can bring about by clicking: time that has passed, a clinic that
// closed, a lock that somebody else has.
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.JANJI_DATABASE_URL, max: 4, allowExitOnIdle: true });

/** Runs a statement by itself. */
export async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await pool.query(text, values)).rows;
}

/** Keeps the rows that this statement locks until the answer is called. */
export async function lock(text: string, values: unknown[]): Promise<() => Promise<void>> {
    const client = await pool.connect();
    await client.query("begin");
    const locked = await client.query(text, values);
    if (locked.rowCount === 0) throw new Error("there is nothing to lock");
    return async () => {
        await client.query("rollback");
        client.release();
    };
}

/** Ends the ten minutes of a hold now. */
export async function runOut(reference: string): Promise<void> {
    const rows = await sql(
        "update appointments set held_until = now() - interval '1 second' where reference = $1 and status = 'held' returning id",
        [reference],
    );
    if (rows.length !== 1) throw new Error(`${reference} is no hold`);
}

/** The number of appointments that have this time of a doctor. */
export async function countAt(doctor: number, time: Date): Promise<number> {
    const [row] = await sql(
        `select count(*)::int as count from appointments
         where doctor_id = $1 and starts_at = $2 and status not in ('cancelled', 'rejected', 'expired')`,
        [doctor, time],
    );
    return Number(row!.count);
}
