import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { manifest } from "./scripts/manifest.ts";

const server = process.env.YAGURA_URL ?? "http://127.0.0.1:8514";

/** Vendor chunks keep their names and bytes while only our own code changes. */
const groups = [
  { name: "vendor-react", test: /node_modules\/(react|react-dom|scheduler|react-is|use-sync-external-store)\// },
  {
    name: "vendor-mantine",
    test: /node_modules\/(@mantine|@floating-ui|clsx|react-remove-scroll|react-number-format|tabbable|type-fest|react-textarea-autosize)/,
  },
  { name: "vendor-tanstack", test: /node_modules\/@tanstack\// },
  { name: "vendor-i18n", test: /node_modules\/(i18next|react-i18next|html-parse-stringify|void-elements)\// },
  {
    name: "vendor-editor",
    test: /node_modules\/(@codemirror\/(autocomplete|commands|language|lint|state|view)|@lezer\/(common|highlight)|style-mod|w3c-keyname|crelt|@marijn)\//,
    priority: 2,
  },
  // What only the YAML editors want must not weigh on the query bar.
  { name: "vendor-yaml", test: /node_modules\/(@codemirror\/(lang-yaml|search)|@lezer\/(yaml|lr))\//, priority: 1 },
  { name: "vendor-echarts", test: /node_modules\/(echarts|zrender|tslib)\// },
  { name: "vendor-map", test: /node_modules\/(d3-|topojson-client|internmap)/ },
  { name: "text-en", test: /src\/i18n\/en[./]/ },
  { name: "text-ja", test: /src\/i18n\/ja[./]/ },
];

export default defineConfig({
  plugins: [react(), manifest()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2023",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    license: { fileName: "licenses.md" },
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { proxy: { "/api": { target: server } } },
  preview: { proxy: { "/api": { target: server } } },
});
