// Bundles our own modules and styles with the libraries they need into the folder the server serves.
// File names carry a content hash, so that they can be cached for good; manifest.json maps names to files.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "kizuna", "web", "static", "build");
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: { main: "src/js/main.js", graph: "src/js/graph.js", style: "src/css/style.css" },
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
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
copyFileSync(join(here, "src", "icon.svg"), join(target, "icon.svg"));
writeFileSync(join(target, ".built"), "");
