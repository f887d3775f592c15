/** The ranges one click away; the texts are common:time.<id>. */
export const quick = [
  { id: "last15m", from: "now-15m", to: "now" },
  { id: "last1h", from: "now-1h", to: "now" },
  { id: "last4h", from: "now-4h", to: "now" },
  { id: "last24h", from: "now-24h", to: "now" },
  { id: "last7d", from: "now-7d", to: "now" },
  { id: "last30d", from: "now-30d", to: "now" },
  { id: "last90d", from: "now-90d", to: "now" },
  { id: "today", from: "now/d", to: "now/d" },
  { id: "yesterday", from: "now-1d/d", to: "now-1d/d" },
  { id: "thisWeek", from: "now/w", to: "now/w" },
  { id: "lastWeek", from: "now-1w/w", to: "now-1w/w" },
] as const;
