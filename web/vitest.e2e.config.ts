import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    include: ["e2e/**/*.test.ts"],
    globalSetup: "./e2e/setup.ts",
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 300_000,
    retry: process.env.CI ? 2 : 0, // a loaded machine must not make a page wrong; what fails thrice is
  },
});
