// Builds the front end: style sheets, scripts, the heading face, icons and brand pictures, into ../static.
// Every file carries a hash of its content in its name, and has a .br and a .gz beside it when it is text;
// manifest.json maps each plain name to its file.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const isText = /\.(css|js|svg|json)$/;

// Pages load `app` and, where they have something of it, `desk`. What both need is in a chunk of its own.
const MODULES = { app: "js/app.js", desk: "js/desk.js" };
// What runs before the page is drawn, on other sites, or without a page.
const CLASSIC = { theme: "js/theme.js", notice: "js/hosts/notice.js", offline: "js/offline/page.js", worker: "js/offline/worker.js", style: "css/app.css" };

async function bundle() {
  const common = {
    absWorkingDir: here,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    outdir: out,
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    logLevel: "warning",
  };
  const built = await Promise.all([
    build({ ...common, entryPoints: MODULES, format: "esm", splitting: true }),
    build({ ...common, entryPoints: CLASSIC, format: "iife", loader: { ".woff2": "file" } }),
  ]);
  const files = new Map();
  for (const file of built.flatMap((result) => result.outputFiles)) {
    const name = basename(file.path);
    files.set(logicalName(name), { name, content: Buffer.from(file.contents) });
  }
  return files;
}

// "style-4F2A9C1D.css" is asked for as "app.css"; the face as "fraunces.woff2".
function logicalName(name) {
  if (name.endsWith(".woff2")) return "fraunces.woff2";
  const plain = name.replace(/-[A-Z0-9]{8}(?=\.)/, "");
  return plain === "style.css" ? "app.css" : plain;
}

function hashed(name, text) {
  const content = Buffer.from(text);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const extension = extname(name);
  return { name: `${basename(name, extension)}-${hash}${extension}`, content };
}

const squeeze = (svg) => svg.replace(/<!--.*?-->/gs, "").replace(/\s+/g, " ").replace(/> </g, "><").trim();

function sprite() {
  const symbols = readdirSync(join(here, "icons"))
    .filter((file) => file.endsWith(".svg"))
    .sort()
    .map((file) => {
      const drawing = squeeze(readFileSync(join(here, "icons", file), "utf8"));
      const body = drawing.replace(/^<svg[^>]*>/, "").replace(/<\/svg>$/, "");
      // What an <svg class="icon"> sets (stroke, width, ends) is inherited; only the drawing is kept.
      return `<symbol id="${basename(file, ".svg")}" viewBox="0 0 24 24">${body}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function put(name, content) {
  const path = join(out, name);
  try {
    if (readFileSync(path).equals(content)) return;
  } catch {
    // not there yet
  }
  writeFileSync(path, content);
}

const files = await bundle();
files.set("sprite.svg", hashed("sprite.svg", sprite()));
for (const picture of readdirSync(join(here, "brand")).sort()) {
  files.set(picture, hashed(picture, squeeze(readFileSync(join(here, "brand", picture), "utf8"))));
}

mkdirSync(out, { recursive: true });
const kept = new Set(["manifest.json"]);
const manifest = {};
const report = [];
for (const [logical, { name, content }] of files) {
  put(name, content);
  kept.add(name);
  manifest[logical] = name;
  // Browsers take brotli over https, and gzip everywhere.
  const packed = isText.test(name) ? { br: brotliCompressSync(content), gz: gzipSync(content, { level: 9 }) } : {};
  for (const [ending, bytes] of Object.entries(packed)) {
    put(`${name}.${ending}`, bytes);
    kept.add(`${name}.${ending}`);
  }
  const length = (packed.br ?? content).length;
  report.push(`${name.padEnd(40)} ${String(length).padStart(7)} bytes over the wire`);
}
put("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
for (const file of readdirSync(out)) {
  if (!kept.has(file)) rmSync(join(out, file), { recursive: true });
}
console.log(report.join("\n"));
