import "./styles/tokens.css";
import "./styles/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries.ts";
import { applyTheme } from "./lib/theme.ts";
import { router } from "./router.tsx";
import { exits, recheck } from "./session/store.ts";
import { NewVersion } from "./shell/Root.tsx";

applyTheme();
exits.signedOut = (left) => {
  // Pages for signed-out people do not change.
  if (router.state.matches.some(({ routeId }) => routeId === "/inside")) {
    void router.navigate({ to: "/sign-in", search: left ? { left } : {}, ignoreBlocker: true });
  }
};
window.addEventListener("pageshow", (event) => {
  if (event.persisted) void recheck();
});

const root = document.getElementById("root");
if (!root) throw new Error("the document has no root");
createRoot(root, {
  // If a newer version has replaced a page, the person sees that, and no error
  // is reported.
  onCaughtError: (error, info) => {
    if (!(error instanceof NewVersion)) console.error(error, info.componentStack);
  },
}).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
