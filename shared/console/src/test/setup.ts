import { afterEach } from "vitest";

// Where there is no page, nothing is drawn.
if (typeof document !== "undefined") {
  const { cleanup } = await import("@testing-library/react");
  afterEach(cleanup);
}
