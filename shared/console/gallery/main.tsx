import "../src/styles/tokens.css";
import "../src/styles/base.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { StrictMode } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { createRoot } from "react-dom/client";
import { applyTheme } from "../src/lib/theme.ts";
import { Gallery } from "./Gallery.tsx";

applyTheme();
// Links of the kit want a router; those of the gallery lead nowhere.
const root = createRootRoute({
  component: () => (
    <I18nProvider locale="en-US">
      <Outlet />
    </I18nProvider>
  ),
});
const routes = ["/", "/profiles", "/sign-in"].map((path) =>
  createRoute({ getParentRoute: () => root, path, component: Gallery }),
);
const router = createRouter({
  routeTree: root.addChildren(routes),
  history: createMemoryHistory({ initialEntries: ["/"] }),
});
const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });

const place = document.getElementById("root");
if (!place) throw new Error("the document has no root");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>
  </StrictMode>,
);
