export {
  type Filter,
  type FilterMode,
  type Filters,
  formatFilter,
  fromApi,
  parseFilter,
  toApi,
  useFilters,
  withFilter,
} from "./filters";
export { type ExploreLink, entityOf, entityUrl, exploreUrl } from "./links";
export { type Range, refreshAll, useRange, useZone } from "./range";
export { type Topic, useStream, useStreamState } from "./stream";
export { addUnits, browserZone, civil, instant, readTime, startOf, writeEnd, writeTime } from "./time";
export { href, parseSearch, stringifySearch } from "./url";
export { type Codec, commas, flag, int, list, oneOf, text, useUrlState } from "./useUrlState";
