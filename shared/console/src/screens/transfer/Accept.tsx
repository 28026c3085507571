import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { faultsOf } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { pricingQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Form, Guard } from "../../kit/Form.tsx";
import { Facts, Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { useForm } from "../../kit/useForm.ts";
import { listed, useFormat } from "../../lib/format.ts";
import { addons as addonNames, serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { useSession } from "../../session/store.ts";
import { Choose } from "./Choose.tsx";
import { addonsOf, amountsOf, bodyOf, type Choices, firstChoices, monthly, teamOf } from "./choices.ts";
import styles from "./Transfer.module.css";
import { Waits } from "./Waits.tsx";
import type { View } from "./words.ts";

export type Done = { ticket: string; state: string; message: string };

const rights = texts.choose.rights;

/** The choices of the receiving side, their summary, and its signature. */
export function Accept({ view, code, onDone }: { view: View; code: string; onDone: (done: Done) => Promise<void> }) {
  const { account, email } = useSession();
  const [reviewing, setReviewing] = useState(false);
  const top = useRef<HTMLHeadingElement>(null);
  const [first] = useState(() => firstChoices(view, account));
  const fields = ["members", ...amountsOf(view).map(([service]) => service)];
  const form = useForm<Choices & { proof: Proof }>({
    initial: { ...first, proof: emptyProof() },
    names: ["password", "pin_code", ...fields],
    save: async ({ proof, ...choices }) => {
      if (!reviewing) return setReviewing(true);
      try {
        const body = { ...bodyOf(choices, view, account), ...proofBody(proof), code };
        await onDone(
          await api.POST("/transfer/{ticket}/accept", { params: { path: { ticket: view.ticket ?? "" } }, body }),
        );
      } catch (error) {
        // An error about a choice is shown beside that choice.
        if (Object.keys(faultsOf(error, ["name", ...fields])).length > 0) setReviewing(false);
        throw error;
      }
    },
  });
  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its heading.
  useEffect(() => {
    if (started.current) top.current?.focus();
    started.current = true;
  }, [reviewing]);
  const { proof, ...choices } = form.values;
  const dirty = reviewing || JSON.stringify(choices) !== JSON.stringify(first);
  return (
    <Section title={view.terms ? texts.acceptAgain : texts.accept} lead={texts.acceptText}>
      <Guard dirty={dirty && !form.pending} />
      <h3 ref={top} tabIndex={-1} className={styles.stepHead}>
        {reviewing ? texts.choose.summary : texts.choose.title}
      </h3>
      <p className={styles.quiet}>{reviewing ? texts.choose.summaryText : texts.choose.lead}</p>
      <Form
        form={form}
        submit={
          <Buttons>
            {reviewing && <Button onPress={() => setReviewing(false)}>{texts.choose.change}</Button>}
            <Button type="submit" kind="primary" isPending={form.pending}>
              {reviewing ? texts.choose.sign : texts.choose.review}
            </Button>
          </Buttons>
        }
      >
        <Waits view={view} {...(reviewing && { choices })} />
        {reviewing ? (
          <>
            <Summary view={view} choices={choices} self={account} />
            <Prove value={proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
          </>
        ) : (
          <Choose view={view} choices={choices} self={account} onChange={(change) => form.set(change)} />
        )}
      </Form>
    </Section>
  );
}

/** The choices in words, in the form that is signed. */
function Summary({ view, choices, self }: { view: View; choices: Choices; self: string }) {
  const { number, money } = useFormat();
  const { data: prices } = useQuery(pricingQuery);
  const { offer } = view;
  if (!offer) return null;
  const said = (id: string) => rights[choices.members[id] ?? "none"].toLocaleLowerCase();
  const taken = addonsOf(view).filter((addon) => choices.addons[addon]);
  const cost = prices && monthly(choices.addons, prices.addons);
  const days = offer.token_policy.longest_days;
  return (
    <Facts
      pairs={[
        [texts.termName, choices.name.trim() || `${offer.name} (${texts.termAsIs})`],
        [texts.choose.previousOwner(offer.owner), rights[choices.owner ?? "none"].toLocaleLowerCase()],
        ...teamOf(view, self).map(({ id, name }) => [name || texts.unnamed(id), said(id)] as const),
        ...amountsOf(view).map(
          ([service, most]) => [serviceName(service), number(choices.amounts[service] ?? most)] as const,
        ),
        [texts.termAddons, listed(taken.map((addon) => addonNames[addon])) || texts.none],
        [texts.termPolicy, days ? texts.days(number(days)) : texts.noLimit],
        [
          texts.choose.cost,
          cost !== undefined && (cost > 0 ? texts.choose.costAdds(money(cost)) : texts.choose.costNone),
        ],
      ]}
    />
  );
}
