import { spotlight } from "@mantine/spotlight";

/** openPalette shows the command palette. */
export const openPalette = () => spotlight.open();

const listeners = new Set<() => void>();

/** openKeys shows the list of keyboard shortcuts. */
export const openKeys = () => {
  for (const fn of listeners) fn();
};

export function onOpenKeys(fn: () => void): () => void {
  listeners.add(fn);
  return () => listeners.delete(fn);
}
