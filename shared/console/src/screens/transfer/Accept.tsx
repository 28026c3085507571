import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { pricingQuery } from "../../api/queries.ts";
import { Checkbox } from "../../kit/Choices.tsx";
import { Form } from "../../kit/Form.tsx";
import { NumberField } from "../../kit/NumberField.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Select } from "../../kit/Select.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { useFormat } from "../../lib/format.ts";
import { addons, serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { useSession } from "../../session/store.ts";
import styles from "./Transfer.module.css";
import type { View } from "./words.ts";

type Right = keyof typeof texts.rights;
type Addon = keyof typeof addons;
type Values = {
  name: string;
  members: Record<string, Right>;
  owner: Right;
  amounts: Record<string, number>;
  addons: Record<string, boolean>;
  proof: Proof;
};

const rights = (Object.keys(texts.rights) as Right[]).map((id) => ({ id, name: texts.rights[id] }));
const granted = (right: Right) => (right === "none" ? null : right);

/** What the receiving side chooses. Nothing is chosen for it; who accepts anew finds what was chosen the last time. */
export function Accept({
  view,
  code,
  onDone,
}: {
  view: View;
  code: string;
  onDone: (done: { ticket: string; message: string }) => void;
}) {
  const session = useSession();
  const { number, money } = useFormat();
  const { data: prices } = useQuery(pricingQuery);
  const { offer, terms, ticket = "" } = view;
  const team = offer?.team.filter(({ id }) => id !== session.account) ?? [];
  const amounts = Object.entries(offer?.allocation ?? {}).filter(([, amount]) => amount > 0);
  const had = (Object.keys(addons) as Addon[]).filter((addon) => offer?.addons[addon]);
  const form = useForm<Values>({
    initial: {
      name: terms?.name ?? "",
      members: Object.fromEntries(
        team.map(({ id }) => [id, terms?.members.find((member) => member.id === id)?.permission ?? "none"]),
      ),
      owner: terms?.keep_owner ?? "none",
      amounts: Object.fromEntries(amounts.map(([service, amount]) => [service, terms?.allocation[service] ?? amount])),
      addons: Object.fromEntries(had.map((addon) => [addon, terms?.addons[addon] ?? false])),
      proof: emptyProof(),
    },
    names: ["password", "pin_code"],
    save: async (values) => {
      onDone(
        await api.POST("/transfer/{ticket}/accept", {
          params: { path: { ticket } },
          body: {
            ...proofBody(values.proof),
            code,
            name: values.name.trim() || null,
            allocation: Object.fromEntries(
              amounts.flatMap(([service, most]) => {
                const wanted = values.amounts[service] ?? most;
                return wanted < most ? [[service, wanted]] : [];
              }),
            ),
            members: team.flatMap(({ id }) => {
              const permission = granted(values.members[id] ?? "none");
              return permission ? [{ id, permission }] : [];
            }),
            keep_owner: granted(values.owner),
            addons: values.addons,
          },
        }),
      );
    },
  });
  const { values } = form;
  if (!offer) return null;
  return (
    <Form form={form} submit={texts.accept} guard>
      <TextField
        label={texts.newName}
        hint={texts.newNameHint}
        placeholder={offer.name}
        autoComplete="off"
        maxLength={100}
        {...form.field("name")}
      />
      <fieldset className={styles.group}>
        <legend>{texts.whoStays}</legend>
        <p className={styles.quiet}>{texts.whoStaysText}</p>
        <div className={styles.grid}>
          {team.map(({ id, name, permission }) => (
            <Select
              key={id}
              label={texts.hasNow(name || texts.unnamed(id), permission)}
              choices={rights}
              value={values.members[id] ?? "none"}
              onChange={(right) => form.set({ members: { ...values.members, [id]: right } })}
            />
          ))}
          <Select
            label={texts.previousOwner(offer.owner)}
            choices={rights}
            value={values.owner}
            onChange={(owner) => form.set({ owner })}
          />
        </div>
      </fieldset>
      {amounts.length > 0 && (
        <fieldset className={styles.group}>
          <legend>{texts.amounts}</legend>
          <p className={styles.quiet}>{texts.amountsText}</p>
          <div className={styles.grid}>
            {amounts.map(([service, most]) => (
              <NumberField
                key={service}
                label={texts.atMost(serviceName(service), number(most))}
                minValue={0}
                maxValue={most}
                isRequired
                value={values.amounts[service] ?? most}
                onChange={(amount) =>
                  form.set({ amounts: { ...values.amounts, [service]: Number.isNaN(amount) ? 0 : amount } })
                }
              />
            ))}
          </div>
        </fieldset>
      )}
      <fieldset className={styles.group}>
        <legend>{texts.itsAddons}</legend>
        {had.length === 0 && <p className={styles.quiet}>{texts.noAddons}</p>}
        {had.length > 0 && prices && (
          <p className={styles.quiet}>{texts.addonsText(money(prices.addons[0]?.price ?? 0))}</p>
        )}
        {had.map((addon) => (
          <Checkbox
            key={addon}
            name={addon}
            isSelected={values.addons[addon] ?? false}
            onChange={(taken) => form.set({ addons: { ...values.addons, [addon]: taken } })}
          >
            {addons[addon]}
          </Checkbox>
        ))}
      </fieldset>
      <Prove value={values.proof} onChange={(proof) => form.set({ proof })} email={session.email} error={form.error} />
    </Form>
  );
}
