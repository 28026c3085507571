import { ApiError } from "../../api/errors.ts";
import type { Faults } from "../../api/faults.ts";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { TextField } from "../../kit/TextField.tsx";
import type { Form } from "../../kit/useForm.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";

import { wrongNetwork } from "./life.ts";

/** The scope and the networks of a token, in the form of its fields. */
export type LimitValues = { scope: "account" | "profile"; allow_list: string };

/** The fields for the scope and the networks of a token. */
export function Limits({ form }: { form: Pick<Form<LimitValues>, "field"> }) {
  return (
    <>
      <RadioGroup
        label={texts.scope}
        choices={(["profile", "account"] as const).map((id) => ({
          id,
          name: texts.scopes[id],
          text: texts.scopeTexts[id],
        }))}
        {...form.field("scope")}
      />
      <TextField
        label={texts.networks}
        optional
        lines={2}
        hint={texts.networksHint}
        autoComplete="off"
        spellCheck="false"
        {...form.field("allow_list")}
      />
    </>
  );
}

/**
 * limitFaults names the network that a refusal is about instead of its number.
 */
export function limitFaults(error: unknown, networks: string): Faults {
  if (!(error instanceof ApiError)) return {};
  const fields = (error.details as { fields?: { field: string }[] }).fields ?? [];
  const wrong = fields.map(({ field }) => wrongNetwork(networks, field)).find((one) => one !== undefined);
  return wrong === undefined ? {} : { allow_list: texts.networkWrong(wrong) };
}
