// Makes the geometry of the world map from Natural Earth (world-atlas, 1:50m): without Antarctica, lines thinned to what a
// screen can show, small states kept whole. The result is gzipped; the server sends it as such.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { quantize } from "topojson-client";
import { presimplify, quantile, simplify } from "topojson-simplify";

const ANTARCTICA = "010";
const KEPT = 0.45;
const STEPS = 36_000;

/** Write the geometry into a folder; returns its file name, which carries a content hash. */
export function buildGeometry(target) {
  const source = createRequire(import.meta.url).resolve("world-atlas/countries-50m.json");
  const world = JSON.parse(readFileSync(source, "utf8"));
  const countries = world.objects.countries;
  countries.geometries = countries.geometries.filter((g) => g.id !== ANTARCTICA);
  world.objects = { countries };
  for (const g of countries.geometries) g.properties = {};
  const weighed = presimplify(world);
  const thin = quantize(simplify(weighed, quantile(weighed, 1 - KEPT)), STEPS);
  const packed = gzipSync(JSON.stringify(thin), { level: 9 });
  const hash = createHash("sha256").update(packed).digest("hex").slice(0, 8).toUpperCase();
  const file = `countries-${hash}.json.gz`;
  writeFileSync(join(target, file), packed);
  return file;
}
