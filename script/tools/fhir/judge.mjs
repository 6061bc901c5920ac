// Judges the FHIR face of a running demo by others: two validators look at every answer of a crawl, and a client books.
//
//     JANJI_FHIR_TOKENS='{"patient": "…", "doctor": "…", "admin": "…"}' \
//         node script/tools/fhir/judge.mjs --modules <node_modules> --url http://127.0.0.1:3000
//
// Ends with one line: answers judged, and how many were found wanting.

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: { modules: { type: "string" }, url: { type: "string" } } });
const require = createRequire(path.join(options.modules, "index.js"));
const SchemaValidator = require("@asymmetrik/fhir-json-schema-validator");
const { Fhir } = require("fhir");
const { Client } = await import(pathToFileURL(path.join(options.modules, "fhir-kit-client/dist/index.js")));

const base = `${options.url}/fhir/r4`;
const tokens = { visitor: "", ...JSON.parse(process.env.JANJI_FHIR_TOKENS ?? "{}") };
const [bySchema, byProfiles] = [new SchemaValidator(), new Fhir()];
const MEDIA_TYPE = "application/fhir+json; charset=utf-8";
let [judged, wanting] = [0, 0];

function complain(what, why) {
    wanting++;
    console.error(`${what}: ${typeof why === "string" ? why : JSON.stringify(why).slice(0, 600)}`);
}

function must(what, holds) {
    judged++;
    if (!holds) complain(what, "is not so");
}

// Both validators on one resource. The schema of the first one was made before 4.0.1, whose number it does not know.
function judge(where, resource) {
    judged++;
    const known = resource.fhirVersion ? { ...resource, fhirVersion: "4.0.0" } : resource;
    const errors = bySchema.validate(known);
    if (errors.length > 0) complain(`${where} (schema)`, errors);
    const { valid, messages } = byProfiles.validate(resource);
    if (!valid) complain(`${where} (profiles)`, messages.filter(({ severity }) => severity === "error" || severity === "fatal"));
}

async function call(role, method, address, { status, headers = {}, body } = {}) {
    const url = address.startsWith("http") ? address : `${base}/${address}`;
    const token = tokens[role];
    const answer = await fetch(url, {
        method,
        headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
        body: typeof body === "object" ? JSON.stringify(body) : body,
    });
    const where = `${role} ${method} ${address}`;
    if (status && answer.status !== status) complain(where, `is answered with ${answer.status} and not with ${status}`);
    const text = await answer.text();
    if (answer.headers.get("content-type") !== MEDIA_TYPE) {
        complain(where, `has the media type ${answer.headers.get("content-type")}`);
        return { answer };
    }
    const resource = JSON.parse(text);
    judge(where, resource);
    return { answer, resource };
}

const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_BODY = { "content-type": "application/fhir+json" };

// Every page of a search, its first resources by their own addresses, and what it includes.
async function crawl(role, search, status = 200) {
    let [address, pages] = [search, 0];
    while (address && pages++ < 3) {
        const { resource: bundle } = await call(role, "GET", address, { status });
        if (bundle?.resourceType !== "Bundle") return [];
        const entries = bundle.entry ?? [];
        for (const { fullUrl, resource } of entries.slice(0, 4)) {
            const { resource: read } = await call(role, "GET", fullUrl, { status: 200 });
            must(`${fullUrl} is what was found`, JSON.stringify(read) === JSON.stringify(resource));
        }
        address = bundle.link?.find(({ relation }) => relation === "next")?.url;
        if (!address) return entries;
    }
    return [];
}

const DIRECTORY = [
    "Location?_count=1",
    "Practitioner?_count=2",
    "PractitionerRole?_count=2&_include=PractitionerRole:practitioner&_include=PractitionerRole:location&_include=PractitionerRole:service",
    "HealthcareService?_count=2&_include=HealthcareService:location",
    "Schedule?_count=2&_include=Schedule:actor",
];

const REFUSED = [
    ["GET", "Nothing", 404],
    ["GET", "Location/999999", 404],
    ["GET", "Slot/1-1-1-1", 404],
    ["DELETE", "Slot/1-1-1-1", 405],
    ["GET", "Slot", 400],
    ["GET", "Location?_format=xml", 406],
    ["GET", "Location?name:exact=x", 400],
    ["GET", "Appointment/$find", 400],
    ["POST", "Appointment/$find", 415, { "content-type": "text/plain" }, "x"],
    ["POST", "Appointment/$find", 400, JSON_BODY, "{"],
    ["GET", `Slot?service-type=in_person&start=ge${day(1)}&start=lt${day(90)}`, 400],
];

async function crawlAs(role) {
    await call(role, "GET", "metadata", { status: 200 });
    for (const search of DIRECTORY) await crawl(role, search);
    const { resource: schedules } = await call(role, "GET", "Schedule", { status: 200 });
    const [schedule] = schedules.entry;
    const times = `start=ge${day(1)}&start=lt${day(8)}`;
    await crawl(role, `Slot?schedule=${schedule.resource.id}&${times}&_count=20&_include=Slot:schedule`);
    await call(role, "POST", "Slot/_search", {
        status: 200,
        headers: FORM,
        body: `schedule=${schedule.resource.id}&start=ge${day(1)}&start=lt${day(3)}`,
    });
    await call(role, "GET", `Appointment/$find?start=${day(1)}&end=${day(5)}&_count=10`, { status: 200 });
    for (const [method, address, status, headers, body] of REFUSED) {
        await call(role, method, address, { status, headers, body });
    }
    const known = role === "visitor" ? 401 : 200;
    const included = "_include=Appointment:patient&_include=Appointment:practitioner&_include=Appointment:location";
    await crawl(role, `Appointment?_count=10&${included}`, known);
    await crawl(role, "Appointment?status=booked,cancelled&_count=5", known);
    await crawl(role, "Patient?_count=5", known);
    await call(role, "POST", "Patient/_search", { status: known, headers: FORM, body: "name=a" });
    await call(role, "GET", "Patient?name=a", { status: role === "visitor" ? 401 : 400 });
    await call(role, "GET", "Appointment/999999999", { status: role === "visitor" ? 401 : 404 });
}

// A client of others finds, holds, books, moves and cancels; what it is answered is judged as well.
async function book() {
    const client = new Client({ baseUrl: base, bearerToken: tokens.patient });
    judge("client: metadata", await client.capabilityStatement());
    const [{ resource: schedule }] = (await client.search({ resourceType: "Schedule" })).entry;
    const find = (name, value) => ({ name, ...value });
    const found = await client.operation({
        name: "find",
        resourceType: "Appointment",
        input: {
            resourceType: "Parameters",
            parameter: [
                find("start", { valueDateTime: day(2) }),
                find("end", { valueDateTime: day(20) }),
                find("practitioner", { valueReference: { reference: schedule.actor[0].reference } }),
                find("visit-type", { valueCodeableConcept: schedule.serviceType[0] }),
            ],
        },
    });
    judge("client: $find", found);
    const reference = (id) => ({
        resourceType: "Parameters",
        parameter: [{ name: "appointment-reference", valueReference: { reference: `Appointment/${id}` } }],
    });
    const [first] = found.entry.map(({ resource }) => resource);
    const held = await client.operation({ name: "hold", resourceType: "Appointment", input: reference(first.id) });
    judge("client: $hold", held);
    must("a hold says when it ends", Client.httpFor(held).response.headers.get("expires")?.endsWith("GMT"));
    // Somebody else is told what is free instead.
    const everybody = new Client({ baseUrl: base, bearerToken: tokens.admin });
    const patients = await everybody.search({ resourceType: "Patient" });
    const mine = held.participant[0].actor.reference;
    const other = patients.entry.map(({ resource }) => `Patient/${resource.id}`).find((reference) => reference !== mine);
    const { resource: taken } = await call("admin", "POST", "Appointment/$book", {
        headers: JSON_BODY,
        status: 409,
        body: {
            ...reference(first.id),
            parameter: [
                ...reference(first.id).parameter,
                { name: "patient-reference", valueReference: { reference: other } },
            ],
        },
    });
    must("a taken time names others", taken?.contained?.length > 0);
    const booked = await client.operation({ name: "book", resourceType: "Appointment", input: reference(held.id) });
    judge("client: $book", booked);
    must("what was held is booked", booked.id === held.id && ["pending", "booked"].includes(booked.status));
    const free = found.entry
        .map(({ resource }) => resource)
        .find(({ id }) => id !== first.id && id.split("-").slice(0, 3).join() === first.id.split("-").slice(0, 3).join());
    const { start, end, slot } = free;
    const moved = await client.update({ resourceType: "Appointment", id: booked.id, body: { ...booked, start, end, slot } });
    judge("client: update", moved);
    must("what was booked is moved", moved.slot[0].reference === slot[0].reference);
    await call("patient", "PUT", `Appointment/${booked.id}`, {
        status: 412,
        headers: { ...JSON_BODY, "if-match": `W/"${booked.meta.versionId}"` },
        body: booked,
    });
    const cancelled = await client.patch({
        resourceType: "Appointment",
        id: booked.id,
        jsonPatch: [{ op: "replace", path: "/status", value: "cancelled" }],
        options: { headers: { "If-Match": `W/"${moved.meta.versionId}"` } },
    });
    judge("client: patch", cancelled);
    must("what was booked is cancelled", cancelled.status === "cancelled");
    const search = await client.resourceSearch({ resourceType: "Appointment", searchParams: { _id: booked.id } });
    judge("client: search", search);
    must("it is found again", search.total === 1);
}

// All files of the bulk publication, line by line; of many slots, some.
async function published() {
    const answer = await fetch(`${base}/$bulk-publish`);
    if (answer.status === 404) {
        judge("visitor GET $bulk-publish", await answer.json());
        return;
    }
    const { output } = await answer.json();
    for (const { type, url } of output) {
        const lines = (await (await fetch(url)).text()).trim().split("\n");
        const every = Math.max(1, Math.floor(lines.length / 50));
        for (const [place, line] of lines.entries()) {
            if (place % every !== 0) continue;
            const resource = JSON.parse(line);
            must(`${url} has ${type}s alone`, resource.resourceType === type);
            judge(`${url}:${place + 1}`, resource);
        }
    }
}

for (const role of Object.keys(tokens)) await crawlAs(role);
await book();
await published();
console.log(`${judged} judged, ${wanting} found wanting`);
process.exit(wanting === 0 && judged > 100 ? 0 : 1);
