/** Conditions with the key of their explanation (help:words.<key>). The test of the help page sends each to the server's check. */
export const words = [
  ["event.action:block", "is"],
  ["url.path:/api/*", "wildcard"],
  ["user.name:*", "exists"],
  ["event.action:(BLOCK or CAPTCHA)", "either"],
  ["source.ip:203.0.113.0/24", "network"],
  ["http.response.bytes >= 1000000", "greater"],
  ['"union select"', "text"],
  ["url.path:/\\.(php|asp)$/", "regex"],
  ["not event.action:ALLOW and user.name:*", "logic"],
] as const;

export const stages = [
  ["| stats count() as n by source.ip", "stats"],
  ["| stats count() as n by bucket(1h), event.action", "bucket"],
  ["| top 10 url.path", "top"],
  ["| sort n desc", "sort"],
  ["| limit 100", "limit"],
  ["| fields @timestamp, source.ip, url.path", "fields"],
] as const;

/** Questions to try: key, text, start of the range. */
export const examples = [
  [
    "block",
    "event.module:aws.waf and event.action:BLOCK | stats count() as n by source.ip | sort n desc | limit 20",
    "now-24h",
  ],
  [
    "errors",
    "event.module:aws.alb and http.response.status_code:5* | stats count() as n by bucket(1h), url.path",
    "now-24h",
  ],
  ["root", "event.module:aws.cloudtrail and user.name:root", "now-7d"],
  ["addresses", "event.action:BLOCK | stats distinct(source.ip) as addresses by source.geo.country_iso_code", "now-7d"],
] as const;
