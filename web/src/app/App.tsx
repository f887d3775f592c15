import { type CSSVariablesResolver, localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { queryClient } from "@/api";
import { theme } from "@/theme/theme";
import { ErrorBoundary } from "./ErrorBoundary";
import { router } from "./router";

/** Mantine draws with our tokens (tokens.css). */
const resolver: CSSVariablesResolver = () => {
  const own = {
    "--mantine-color-body": "var(--y-bg)",
    "--mantine-color-text": "var(--y-text)",
    "--mantine-color-dimmed": "var(--y-dim)",
    "--mantine-color-default": "var(--y-panel)",
    "--mantine-color-default-hover": "var(--y-raise)",
    "--mantine-color-default-border": "var(--y-line-strong)",
    "--mantine-color-default-color": "var(--y-text)",
    "--mantine-color-anchor": "var(--y-accent)",
    "--mantine-color-placeholder": "var(--y-dim)",
    "--mantine-color-error": "var(--y-bad)",
  };
  return { variables: {}, light: own, dark: own };
};

const schemes = localStorageColorSchemeManager({ key: "yagura.theme" });

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
    >
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          <RouterProvider router={router} />
          <Notifications position="bottom-right" limit={4} />
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
