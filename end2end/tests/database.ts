// The database of the Janji under test, for what nobody can bring about by clicking: time that has passed, a clinic that
// closed, a lock that somebody else has.
import pg from "pg";

const connectionString = process.env.JANJI_DATABASE_URL;

/** Runs a statement by itself. */
export async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
        return (await client.query(text, values)).rows;
    } finally {
        await client.end();
    }
}

/** Keeps the rows that this statement locks until the answer is called. */
export async function lock(text: string, values: unknown[]): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query("begin");
    const locked = await client.query(text, values);
    if (locked.rowCount === 0) throw new Error("there is nothing to lock");
    return async () => {
        await client.query("rollback");
        await client.end();
    };
}

/** A hold whose ten minutes have just passed. */
export async function runOut(reference: string): Promise<void> {
    const rows = await sql(
        "update appointments set held_until = now() - interval '1 second' where reference = $1 and status = 'held' returning id",
        [reference],
    );
    if (rows.length !== 1) throw new Error(`${reference} is no hold`);
}
