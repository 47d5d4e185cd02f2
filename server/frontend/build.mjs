// Bundles our own modules and styles with the libraries they need into the folder the server serves.
// File names carry a content hash, so that they can be cached for good; manifest.json maps names to files.
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGeometry } from "./map-geometry.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "kizuna", "web", "static", "build");
const list = join(target, "manifest.json");
mkdirSync(target, { recursive: true });
// The generation before this one stays: a running server, or a page that is open, may still ask for it.
const before = existsSync(list) ? Object.values(JSON.parse(readFileSync(list, "utf8"))) : [];

const result = await build({
  absWorkingDir: here,
  entryPoints: { main: "src/js/main.js", graph: "src/js/graph.js", offline: "src/js/graph-offline.js", map: "src/js/map.js", workbench: "src/workbench/index.js", pictures: "src/workbench/pictures.js", style: "src/css/style.css" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  entryNames: "[name]-[hash]",
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint === undefined) continue;
  const file = basename(path);
  manifest[file.replace(/-[A-Z0-9]+\.(js|css)$/, ".$1")] = file;
}
manifest["countries.json"] = buildGeometry(target);
writeFileSync(list + ".new", JSON.stringify(manifest, null, 2) + "\n");
renameSync(list + ".new", list);
copyFileSync(join(here, "src", "icon.svg"), join(target, "icon.svg"));
const kept = new Set([...Object.values(manifest), ...before, "manifest.json", "icon.svg", ".built"]);
for (const file of readdirSync(target)) {
  if (!kept.has(file.replace(/\.LEGAL\.txt$/, ""))) rmSync(join(target, file));
}
writeFileSync(join(target, ".built"), "");
