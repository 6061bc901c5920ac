// Counts the results of nextest (JUnit) or Playwright (JSON): prints how many passed and how many failed, and adds a line
// for each test to a file: its seconds and its name. Those that failed go to a second file, with how their reason begins.
//
//     node results.mjs <results> <file of times> <file of failures>

import * as fs from "node:fs";

const [results, times, failures] = process.argv.slice(2);
const text = fs.readFileSync(results, "utf8");
const tests = results.endsWith(".json") ? playwright(JSON.parse(text)) : nextest(text);

const line = ({ seconds, name }) => `${seconds.toFixed(1).padStart(7)} s  ${name}\n`;
fs.appendFileSync(times, tests.map(line).join(""));
const failed = tests.filter((test) => !test.passed);
fs.appendFileSync(failures, failed.map(({ name, reason }) => `${name}\n${beginningOf(reason)}`).join(""));
console.log(tests.length - failed.length, failed.length);

// The first lines of what was said, without colours.
function beginningOf(reason) {
    const lines = reason.replace(/\x1b\[[0-9;]*m/g, "").split("\n").filter((line) => line.trim() !== "");
    return lines.slice(0, 8).map((line) => `    ${line.slice(0, 200)}\n`).join("");
}

function nextest(text) {
    const cases = text.matchAll(/<testcase ([^>]*?)(\/>|>([^]*?)<\/testcase>)/g);
    return [...cases].map(([, attributes, , inside = ""]) => {
        const value = (name) => attributes.match(new RegExp(`(?:^| )${name}="([^"]*)"`))[1];
        return {
            name: `${value("classname")} ${value("name")}`,
            seconds: Number(value("time")),
            passed: !/<(failure|error)[ >]/.test(inside),
            reason: inside.match(/<(?:failure|error)[^>]*>([^]*?)<\/(?:failure|error)>/)?.[1] ?? "",
        };
    });
}

function playwright({ suites }) {
    const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
    return suites.flatMap(specs).flatMap((spec) =>
        spec.tests
            .filter((test) => test.status !== "skipped")
            .map((test) => ({
                name: `${spec.file} (${test.projectName}) ${spec.title}`,
                seconds: test.results.reduce((sum, result) => sum + result.duration, 0) / 1000,
                passed: test.status !== "unexpected",
                reason: [
                    ...test.annotations.filter(({ type }) => type === "at").map(({ description }) => `at ${description}`),
                    ...test.results.flatMap((result) => result.errors ?? []).map((error) => error.message ?? ""),
                ].join("\n"),
            })),
    );
}
