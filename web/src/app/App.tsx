import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { queryClient } from "@/api";
import { theme } from "@/theme/theme";
import { ErrorBoundary } from "./ErrorBoundary";
import { router } from "./router";

const schemes = localStorageColorSchemeManager({ key: "yagura.theme" });

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes}>
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          <RouterProvider router={router} />
          <Notifications position="bottom-right" limit={4} />
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
