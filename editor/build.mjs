// Makes perks_engine/web/static/editor.js from src/, the same once more as editor.js.br for browsers that take it, and
// editor.licences.txt, which says what is in it and from which sources it was made.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const HERE = new URL("./", import.meta.url);
const OUT = new URL("../perks_engine/web/static/", HERE);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// CodeMirror writes its styles into a <style> element, which the policy of pages refuses, unless it stands in a
// shadow tree: then they become a style sheet made by script, which documents can adopt as well, and which no policy
// speaks against. Where this line is not found any more, the build fails.
const IN_SHADOW_TREES = "!root.head && root.adoptedStyleSheets";
const adoptStyles = {
  name: "adopt-styles",
  setup: (made) =>
    made.onLoad({ filter: /style-mod[\\/]src[\\/]style-mod\.js$/ }, async ({ path }) => {
      const parts = (await readFile(path, "utf8")).split(IN_SHADOW_TREES);
      if (parts.length !== 2) throw new Error("style-mod has changed: see editor/build.mjs");
      return { contents: parts.join("root.adoptedStyleSheets"), loader: "js" };
    }),
};

const made = await build({
  absWorkingDir: HERE.pathname,
  entryPoints: ["src/main.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  banner: { js: "/* Built by `make editor` from editor/; what is in it: editor.licences.txt */" },
  plugins: [adoptStyles],
  metafile: true,
  write: false,
});
const bundle = Buffer.from(made.outputFiles[0].contents);

const sources = ["build.mjs", "package-lock.json", "package.json", ...(await readdir(new URL("src/", HERE))).map((name) => `src/${name}`)].sort();
const listed = await Promise.all(sources.map(async (name) => `${sha256(await readFile(new URL(name, HERE)))}  ${name}\n`));

const inside = new Set(Object.keys(made.metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
const licences = new Map();
for (const name of [...inside].sort()) {
  const { version, license } = JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, HERE), "utf8"));
  if (license !== "MIT") throw new Error(`${name} is under ${license}: look at it first`);
  const text = (await readFile(new URL(`node_modules/${name}/LICENSE`, HERE), "utf8")).trim();
  licences.set(text, [...(licences.get(text) ?? []), `${name} ${version}`]);
}
const told = [
  "editor.js: the editor of campaign files, with CodeMirror 6, made by `make editor` from the folder editor/.",
  `sha256 of editor.js ${sha256(bundle)}`,
  `sha256 of its sources ${sha256(listed.join(""))}`,
  "",
  "In it are these packages of npm, each under the MIT licence as it stands below the names.",
  ...[...licences].map(([text, names]) => `\n${"-".repeat(80)}\n${names.join(", ")}\n\n${text}`),
  "",
].join("\n");

const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 } };
await writeFile(new URL("editor.js", OUT), bundle);
await writeFile(new URL("editor.js.br", OUT), brotliCompressSync(bundle, quality));
await writeFile(new URL("editor.licences.txt", OUT), told);
console.log(`editor.js: ${bundle.length} bytes, ${brotliCompressSync(bundle, quality).length} as brotli; ${[...inside].length} packages`);
