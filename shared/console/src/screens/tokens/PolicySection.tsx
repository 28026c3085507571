import { useQuery } from "@tanstack/react-query";
import { isCode } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { keys, profileQuery } from "../../api/queries.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Form } from "../../kit/Form.tsx";
import { NumberField } from "../../kit/NumberField.tsx";
import { Section } from "../../kit/Page.tsx";
import { emptyProof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Loaded } from "../../kit/States.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { useProfile } from "../../shell/Profile.tsx";
import type { Policy } from "./life.ts";
import { useTokens } from "./queries.ts";
import styles from "./Tokens.module.css";
import { beyond, type Token } from "./tokens.ts";

/** What the owner decides about the tokens of the profile. */
export function PolicySection() {
  const { id } = useProfile();
  const { data: tokens = [] } = useTokens();
  const query = useQuery(profileQuery(id));
  return (
    <Section title={texts.policy} lead={texts.policyLead}>
      <Loaded query={query}>
        {({ token_policy }) => <PolicyForm profile={id} policy={token_policy} tokens={tokens} />}
      </Loaded>
    </Section>
  );
}

type Whole = Policy & { disable_unused: boolean; notify_new_network: boolean };
type Props = { profile: string; policy: Whole; tokens: readonly Token[] };

function PolicyForm({ profile, policy, tokens }: Props) {
  const { email } = useSession();
  const form = useForm({
    initial: { ...policy, proof: emptyProof() },
    names: ["password", "pin_code"],
    save: async ({ proof, ...body }) => {
      await api.PUT("/profile/{id}/token_policy", {
        params: { path: { id: profile } },
        body: { ...body, ...(proof.password && proofBody(proof)) },
      });
      form.set({ proof: emptyProof() });
      await reread(keys.profile(profile));
      toast(texts.policySaved);
    },
  });
  const { longest_days, never, disable_unused, notify_new_network, proof } = form.values;
  const count = tokens.filter((token) => beyond(token, { longest_days, never })).length;
  // The service knows whether a change asks less of tokens, and asks for the
  // password then.
  const proving = proof.password !== "" || isCode(form.error, "password_required", "second_factor_required");
  const asked = { ...form, error: isCode(form.error, "password_required") ? undefined : form.error };
  return (
    <Form
      form={{ ...asked, faults: proving && !asked.error ? {} : form.faults }}
      narrow
      guard
      submit={texts.policySave}
    >
      <NumberField
        label={texts.longest}
        hint={texts.longestHint}
        optional
        name="longest_days"
        min={1}
        max={36_500}
        value={longest_days ?? undefined}
        onChange={(days) => form.set({ longest_days: days ?? null })}
      />
      <Checkbox name="never" isSelected={never} onChange={(never) => form.set({ never })}>
        {texts.never}
      </Checkbox>
      <Checkbox
        name="disable_unused"
        isSelected={disable_unused}
        onChange={(disable_unused) => form.set({ disable_unused })}
      >
        {texts.disableUnused}
      </Checkbox>
      <Checkbox
        name="notify_new_network"
        isSelected={notify_new_network}
        onChange={(notify_new_network) => form.set({ notify_new_network })}
      >
        {texts.notifyNewNetwork}
      </Checkbox>
      {form.dirty && count > 0 && <p className={styles.quiet}>{texts.beyond(count)}</p>}
      {proving && (
        <div className={styles.prove}>
          <p role="status">{texts.policyProof}</p>
          <Prove value={proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
        </div>
      )}
    </Form>
  );
}
