import { expect, test } from "vitest";
import { ticketOf } from "./tickets.ts";

test("ticket numbers are read as people write them", () => {
  expect([ticketOf("tr-7k3m-92qd"), ticketOf(" TR7K3M92QD "), ticketOf("TR 7K3M 92QD")]).toEqual(
    Array(3).fill("TR-7K3M-92QD"),
  );
  expect([ticketOf(""), ticketOf("TR-7K3M"), ticketOf("TR-IIII-OOOO"), ticketOf("<b>")]).toEqual(
    Array(4).fill(undefined),
  );
});
