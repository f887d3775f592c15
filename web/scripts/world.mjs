// Writes src/charts/world.topo.json from Natural Earth's 1:50m countries (world-atlas): simplified, quantized, named by ISO 3166 code.
// Run once by hand: node scripts/world.mjs. The result is committed.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { feature } from "topojson-client";
import { topology } from "topojson-server";
import { presimplify, quantile, simplify } from "topojson-simplify";

const from = createRequire(import.meta.url).resolve("world-atlas/countries-50m.json");
const source = JSON.parse(readFileSync(from, "utf8"));
/** Territories the source has without a number. */
const named = { Kosovo: "XK", Somaliland: "SO", "N. Cyprus": "CY" };
/** Numeric region codes are aliases of two-letter ones in Unicode's tables. */
const code = (id, name) =>
  id === undefined ? (named[name] ?? "") : (new Intl.Locale(`und-${String(id).padStart(3, "0")}`).region ?? "");

const weighted = presimplify(source);
const light = simplify(weighted, quantile(weighted, 0.1));
const countries = feature(light, light.objects.countries).features.map((f) => ({
  type: "Feature",
  id: code(f.id, f.properties.name),
  properties: {},
  geometry: f.geometry,
}));
const kept = countries.filter((c) => c.geometry && /^[A-Z]{2}$/.test(c.id) && c.id !== "AQ");
const made = topology({ countries: { type: "FeatureCollection", features: kept } }, 6e3);
for (const g of made.objects.countries.geometries) delete g.properties;
delete made.bbox;
const text = JSON.stringify(made);
writeFileSync(new URL("../src/charts/world.topo.json", import.meta.url), text);
const out = countries.filter((c) => !/^[A-Z]{2}$/.test(c.id)).length;
console.log(
  `${kept.length} countries, ${text.length} bytes, ${gzipSync(text).length} gzip; ${out} without a code left out`,
);
