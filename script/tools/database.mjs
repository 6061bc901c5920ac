// Waits for a database that is starting, and makes the database `janji` in it, with its tables.
//
//     node database.mjs --modules <node_modules> --socket <folder> --migrations <folder>
//
// `janji migrate` does the same, but there is no such program while its queries have not been checked yet.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
    options: { modules: { type: "string" }, socket: { type: "string" }, migrations: { type: "string" } },
});
const { Client } = createRequire(path.join(options.modules, "index.js"))("pg");

async function connect(database) {
    const client = new Client({ host: options.socket, port: 5432, user: "janji", database });
    await client.connect();
    return client;
}

async function connectWithin(seconds) {
    for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
        try {
            return await connect("postgres");
        } catch (error) {
            if (Date.now() > end) throw error;
        }
    }
}

// In the template, of which every later database is a copy: a test's database costs a copy of files instead of all
// migrations. Those of sqlx are told that these have run, in the way in which it writes it down itself.
const first = await connectWithin(20);
const template = await connect("template1");
await template.query(
    `create table _sqlx_migrations (version bigint primary key, description text not null,
         installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null,
         execution_time bigint not null)`,
);
for (const file of fs.readdirSync(options.migrations).filter((name) => name.endsWith(".sql")).sort()) {
    const text = fs.readFileSync(path.join(options.migrations, file));
    const [, version, description] = /^(\d+)_(.*)\.sql$/.exec(file);
    try {
        // Several statements in one query are one transaction, as in sqlx.
        await template.query(text.toString("utf8"));
        await template.query("insert into _sqlx_migrations values ($1, $2, now(), true, $3, 0)", [
            Number(version),
            description.replaceAll("_", " "),
            createHash("sha384").update(text).digest(),
        ]);
    } catch (error) {
        console.error(`error: ${path.join(options.migrations, file)}: ${error.message}`);
        process.exit(1);
    }
}
await template.end();
await first.query("create database janji");
await first.end();
