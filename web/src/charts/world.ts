import { type GeoPath, geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import topology from "./world.topo.json";

export const world = { top: 16, width: 960, height: 438 };

export interface Land {
  code: string;
  path: string;
  /** The middle, for dots of small states. */
  x: number;
  y: number;
  small: boolean;
}

let lands: Land[] | undefined;

/** The countries as paths of one fixed drawing that the page scales. Made once. */
export function readWorld(): Land[] {
  if (lands) return lands;
  const t = topology as unknown as Topology<{ countries: GeometryCollection }>;
  const shapes = feature(t, t.objects.countries).features;
  // From the middle of the Pacific in the east: no land but Russia's end crosses the edge, and d3 cuts it there.
  const projection = geoEqualEarth().rotate([-11, 0]).scale(182).translate([468, 258]);
  const path: GeoPath = geoPath(projection).digits(1);
  lands = shapes.map((s) => {
    const [[x0, y0], [x1, y1]] = path.bounds(s);
    const [x, y] = path.centroid(s);
    return { code: String(s.id), path: path(s) ?? "", x, y, small: (x1 - x0) * (y1 - y0) < 30 };
  });
  return lands;
}
