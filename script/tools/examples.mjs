// Runs the examples of a document, and compares what they print with what it says they print.
//
// The shell blocks of a document are one session, in their order. A block of `text` or `json` after one says what it
// prints; `…` stands for anything, also for several lines.
//
// node script/tools/examples.mjs docs/api.md http://127.0.0.1:3000

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const [path, url] = process.argv.slice(2);
const lines = readFileSync(path, "utf8").split("\n");

const blocks = [];
for (let at = 0; at < lines.length; at++) {
    const language = lines[at].match(/^```(\w+)$/)?.[1];
    if (!language) continue;
    const begin = at + 1;
    while (lines[++at] !== "```");
    blocks.push({ language, line: begin + 1, text: lines.slice(begin, at).join("\n") });
}

const examples = [];
for (const [index, block] of blocks.entries()) {
    if (block.language !== "sh") continue;
    const after = blocks[index + 1];
    examples.push({ ...block, expected: after && after.language !== "sh" ? after.text : "" });
}
if (examples.length === 0) {
    console.error(`${path} has no examples`);
    process.exit(1);
}

// Each says what it prints between marks that no answer has.
const mark = (index) => `@@ example ${index} @@`;
const session = examples
    .map((example, index) => `printf '%s\\n' '${mark(index)}'\n${example.text.replaceAll("http://127.0.0.1:3000", url)}\n`)
    .join("");
const run = spawnSync("bash", ["-euo", "pipefail", "-c", session], { encoding: "utf8", timeout: 120_000 });

const wanted = (text) =>
    new RegExp(
        "^" +
            text
                .trim()
                .split("…")
                .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
                .join("[^]*?") +
            "$",
    );
let failed = 0;
for (const [index, example] of examples.entries()) {
    const [, rest] = run.stdout.split(`${mark(index)}\n`);
    const printed = rest?.split("@@ example ")[0].trim();
    if (printed !== undefined && wanted(example.expected).test(printed)) continue;
    failed++;
    console.error(`${path}:${example.line} prints\n${printed ?? "nothing: it was not reached"}\nand not\n${example.expected}\n`);
}
if (run.status !== 0) {
    failed++;
    console.error(`The session ended with ${run.status ?? run.signal}\n${run.stderr}`);
}
console.log(`${examples.length} examples, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
