/**
 * Bundle the tag: `node build.js FILE` writes it, `node build.js --compare FILE` fails when FILE is not what the sources
 * give, or when its core outgrew its budget. The same sources give the same bytes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUDGET_GZIP_BYTES = 5 * 1024;

const { name, version, license } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** Bundle src/index.js into one classic script. */
async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ["src/index.js"],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2019",
    minify: true,
    charset: "ascii",
    legalComments: "none",
    banner: { js: `/*! ${name} ${version} | SPDX-License-Identifier: ${license} */` },
  });
  return outputFiles[0].text;
}

/** Refuse a FILE that is stale. */
function compare(path, text) {
  if (readFileSync(path, "utf8") !== text) {
    throw new Error(`${path} is not what the sources give: run "npm run build" and commit it`);
  }
}

const [first, second] = process.argv.slice(2);
const text = await bundle();
const gzip = gzipSync(text, { level: 9 }).length;
if (first === "--compare") compare(second, text);
else writeFileSync(first, text);
console.log(`${name} ${version}: ${text.length} bytes, ${gzip} gzip`);
if (gzip > BUDGET_GZIP_BYTES) throw new Error(`the tag takes ${gzip} bytes gzip; its budget is ${BUDGET_GZIP_BYTES}`);
