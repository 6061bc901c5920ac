// Waits for a database that is starting, and makes the database `janji` in it, with its tables.
//
//     node database.mjs --modules <node_modules> --socket <folder> --migrations <folder>
//
// `janji migrate` does the same, but there is no such program while its queries have not been checked yet.

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

const first = await connectWithin(20);
await first.query("create database janji");
await first.end();

const client = await connect("janji");
for (const file of fs.readdirSync(options.migrations).filter((name) => name.endsWith(".sql")).sort()) {
    try {
        // Several statements in one query are one transaction, as in sqlx.
        await client.query(fs.readFileSync(path.join(options.migrations, file), "utf8"));
    } catch (error) {
        console.error(`error: ${path.join(options.migrations, file)}: ${error.message}`);
        process.exit(1);
    }
}
await client.end();
