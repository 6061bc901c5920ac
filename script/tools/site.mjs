// Puts the site together from what the compilers made: names with a hash of the content, minified, and compressed.
//
//     node site.mjs --modules <node_modules> --bound <folder of wasm-bindgen> --site <where to> [--limit <bytes>]
//
// The names are pkg/janji.<hash>.js, pkg/janji.<hash>_bg.wasm and pkg/janji.<hash>.css; the server finds them by their endings.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import zlib from "node:zlib";

const { values: options } = parseArgs({
    options: {
        modules: { type: "string" },
        bound: { type: "string" },
        site: { type: "string" },
        limit: { type: "string" },
    },
});
const require = createRequire(path.join(options.modules, "index.js"));
const esbuild = require("esbuild");
const lightningcss = require("lightningcss");

const name = "janji";
const hash = (bytes) => createHash("sha256").update(bytes).digest("base64url").slice(0, 22);

// The style: one file, in what every browser of the last years understands.
const style = "style/main.css";
const css = fs.existsSync(style)
    ? lightningcss.bundle({
          filename: style,
          minify: true,
          targets: { chrome: 109 << 16, firefox: 115 << 16, safari: (15 << 16) | (6 << 8) },
      }).code
    : Buffer.alloc(0);

// The module, and the script that loads it under its new name.
const wasm = fs.readFileSync(path.join(options.bound, `${name}_bg.wasm`));
const script = await esbuild.build({
    entryPoints: [path.join(options.bound, `${name}.js`)],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    write: false,
});
// One name for the two of them, as leptos wants it.
const bound = `${name}.${hash(Buffer.concat([wasm, Buffer.from(script.outputFiles[0].text)]))}`;
const js = Buffer.from(script.outputFiles[0].text.replaceAll(`${name}_bg.wasm`, `${bound}_bg.wasm`));

const files = new Map([
    [`pkg/${bound}.js`, js],
    [`pkg/${bound}_bg.wasm`, wasm],
    [`pkg/${name}.${hash(css)}.css`, css],
]);
for (const file of fs.existsSync("public") ? fs.readdirSync("public", { recursive: true }) : []) {
    const from = path.join("public", file);
    if (fs.statSync(from).isFile()) files.set(file.split(path.sep).join("/"), fs.readFileSync(from));
}

// The page that shows the description of the API, whole and as it was published.
for (const file of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
    files.set(`swagger/${file}`, fs.readFileSync(require.resolve(`swagger-ui-dist/${file}`)));
}

// Compressed once and well here, rather than at every request. What is compressed in itself (fonts, pictures) and what is
// too small to gain by it stays as it is.
const compressible = /\.(css|html|ico|js|json|map|mjs|svg|txt|wasm|webmanifest|xml)$/;
const sizes = {};
for (const [file, bytes] of [...files]) {
    const brotli = () =>
        zlib.brotliCompressSync(bytes, {
            params: {
                [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
                [zlib.constants.BROTLI_PARAM_LGWIN]: 22,
                [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
            },
        });
    if (!compressible.test(file) || bytes.length < 256) continue;
    files.set(`${file}.br`, brotli());
    files.set(`${file}.gz`, zlib.gzipSync(bytes, { level: 9 }));
    if (file.startsWith("pkg/")) sizes[path.extname(file).slice(1)] = [bytes.length, files.get(`${file}.br`).length];
}

// Beside the old one first, so that a server that runs meanwhile never finds half a site; a file of the same name and
// content keeps its time.
for (const [file, bytes] of files) {
    const to = path.join(options.site, file);
    if (fs.existsSync(to) && fs.readFileSync(to).equals(bytes)) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(`${to}.new`, bytes);
    fs.renameSync(`${to}.new`, to);
}
for (const file of fs.readdirSync(options.site, { recursive: true })) {
    const there = path.join(options.site, file);
    if (fs.statSync(there).isFile() && !files.has(file.split(path.sep).join("/"))) fs.rmSync(there);
}

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
for (const [kind, [plain, brotli]] of Object.entries(sizes)) {
    console.error(`  ${kind.padEnd(4)} ${kilobytes(plain).padStart(9)}, brotli ${kilobytes(brotli).padStart(9)}`);
}
if (options.limit && sizes.wasm?.[1] > Number(options.limit)) {
    console.error(`error: the WebAssembly is over its limit of ${kilobytes(Number(options.limit))} (brotli)`);
    process.exit(1);
}
