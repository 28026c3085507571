import type { Of } from "../../api/of.ts";

/** listOf returns where the webhooks are listed. */
export const listOf = (of: Of) =>
  of === "account"
    ? ({ to: "/account/webhooks" } as const)
    : ({ to: "/p/$profile/webhooks", params: { profile: of.profile } } as const);

/** deliveriesOf returns where the deliveries to a webhook are listed. */
export const deliveriesOf = (of: Of, webhook: string) =>
  of === "account"
    ? ({ to: "/account/webhooks/$webhook", params: { webhook } } as const)
    : ({ to: "/p/$profile/webhooks/$webhook", params: { profile: of.profile, webhook } } as const);
