import { expect, test } from "vitest";
import { type Alert, bodyOf, draftOf } from "./alerts.ts";

const alert: Alert = {
  id: "0123456789abcdef01234567",
  service: "analysis",
  percent: null,
  amount: 1.25,
  cost: null,
  actions: ["mail"],
  stop: "service",
  threshold: 1.25,
  reached_at: null,
  stopping: false,
  lifted: false,
  created_at: "2030-03-14T09:26:53.589Z",
  updated_at: "2030-03-14T09:26:53.589Z",
};

test("a threshold is sent only when it has changed, so that the alert is not reached again", () => {
  const draft = draftOf(alert);
  expect(draft).toMatchObject({ about: "analysis", kind: "amount", threshold: 1.25 });
  expect(bodyOf({ ...draft, actions: ["webhook"] }, draft)).toEqual({ actions: ["webhook"], stop: "service" });
  expect(bodyOf({ ...draft, threshold: 2 }, draft)).toEqual({
    service: "analysis",
    amount: 2,
    actions: ["mail"],
    stop: "service",
  });
});

test("cost is shown in dollars and sent in cents", () => {
  const cost = draftOf({ ...alert, service: null, amount: null, cost: 5005, stop: "none" });
  expect(cost).toMatchObject({ about: "cost", threshold: 50.05 });
  expect(bodyOf({ ...cost, threshold: 51 }, cost)).toEqual({ cost: 5100, actions: ["mail"], stop: "none" });
  expect(bodyOf({ ...draftOf(), threshold: 50 })).toEqual({
    service: "input",
    percent: 50,
    actions: ["mail"],
    stop: "none",
  });
});
