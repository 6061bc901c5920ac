// Counts the results of nextest (JUnit) or Playwright (JSON): prints how many passed and how many failed, and adds a line
// for each test to a file: its seconds and its name.
//
//     node results.mjs <results> <file of times>

import * as fs from "node:fs";

const [results, times] = process.argv.slice(2);
const text = fs.readFileSync(results, "utf8");
const tests = results.endsWith(".json") ? playwright(JSON.parse(text)) : nextest(text);

const line = ({ seconds, name }) => `${seconds.toFixed(1).padStart(7)} s  ${name}\n`;
fs.appendFileSync(times, tests.map(line).join(""));
const passed = tests.filter((test) => test.passed).length;
console.log(passed, tests.length - passed);

function nextest(text) {
    const cases = text.matchAll(/<testcase ([^>]*?)(\/>|>([^]*?)<\/testcase>)/g);
    return [...cases].map(([, attributes, , inside = ""]) => {
        const value = (name) => attributes.match(new RegExp(`(?:^| )${name}="([^"]*)"`))[1];
        return {
            name: `${value("classname")} ${value("name")}`,
            seconds: Number(value("time")),
            passed: !/<(failure|error)[ >]/.test(inside),
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
            })),
    );
}
