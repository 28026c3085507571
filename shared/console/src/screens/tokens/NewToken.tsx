import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/index.ts";
import { accountQuery, keys, profileQuery } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Form } from "../../kit/Form.tsx";
import { Page } from "../../kit/Page.tsx";
import { emptyProof, Prove, proofBody } from "../../kit/Prove.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { Forbidden, Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { day as dayLength } from "../../lib/days.ts";
import { useFormat } from "../../lib/format.ts";
import { type Permission, permissionIds, permissions } from "../../messages/en/permissions.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { useRight } from "../../shell/right.ts";
import { Limits, limitFaults } from "./Limits.tsx";
import { type End, endKey, endsOf, expireTime, lastDay, type Policy, readNetworks, usualEnd } from "./life.ts";
import { Pills } from "./Pills.tsx";
import { Secret } from "./Secret.tsx";
import styles from "./Tokens.module.css";

type Made = components["schemas"]["NewTokenView"];

/** Makes a token, and shows it. */
export function NewToken() {
  const { id, name, owner_name } = useProfile();
  const right = useRight();
  const profile = useQuery(profileQuery(id));
  const account = useQuery(accountQuery);
  const router = useRouter();
  const [made, setMade] = useState<Made>();
  if (made) {
    return (
      <Secret
        profileName={name}
        name={made.name}
        secret={made.token}
        limited={made.allow_list.length > 0}
        onStored={() =>
          void router.navigate({
            to: "/p/$profile/tokens",
            params: { profile: id },
            replace: true,
            ignoreBlocker: true,
          })
        }
      />
    );
  }
  return (
    <Page title={texts.newTitle} within={name} lead={texts.newLead} beside={<Given />}>
      {!right.may("write") ? (
        <Forbidden>{texts.readerText(owner_name)}</Forbidden>
      ) : (
        <Loaded query={profile}>
          {({ token_policy }) => (
            <Fields
              profile={id}
              policy={token_policy}
              may={permissionIds.filter(right.may)}
              otp={account.data?.otp}
              onMade={setMade}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}

type FieldsProps = {
  profile: string;
  policy: Policy;
  may: readonly Permission[];
  otp: { authenticator: boolean; email: boolean } | undefined;
  onMade: (made: Made) => void;
};

function Fields({ profile, policy, may, otp, onMade }: FieldsProps) {
  const session = useSession();
  const format = useFormat();
  const [proving, setProving] = useState(false);
  const [limiting, setLimiting] = useState(false);
  const prove = useRef<HTMLDivElement>(null);
  const form = useForm({
    initial: {
      name: "",
      permission: "read" as Permission,
      end: usualEnd(policy),
      day: lastDay(Math.min(30, (policy.longest_days ?? 31) - 1), format),
      scope: "profile" as "account" | "profile",
      allow_list: "",
      proof: emptyProof(otp),
    },
    names: ["password", "pin_code", "expire_time"],
    save: async ({ name, permission, end, day, scope, allow_list, proof }) => {
      const made = await api.POST("/profile/{id}/token", {
        params: { path: { id: profile } },
        body: {
          name: name.trim(),
          permission,
          expire_time: expireTime(end, day),
          scope,
          allow_list: readNetworks(allow_list),
          email: session.email,
          ...proofBody(proof),
        },
      });
      void reread(keys.tokens(profile));
      onMade(made);
    },
  });
  useEffect(() => {
    if (proving) prove.current?.querySelector("input")?.focus();
  }, [proving]);
  const { end, day, permission, scope, allow_list } = form.values;
  const inDays = Number(end);
  const at = Number.isNaN(inDays) ? undefined : format.date(Date.now() + inDays * dayLength);
  const endName = (one: End) =>
    one.kind === "days" ? texts.endIn(one.days) : one.kind === "date" ? texts.endDate : texts.endNever;
  const limits = [
    policy.longest_days !== null && texts.policyLimit(format.number(policy.longest_days)),
    !policy.never && texts.policyNever,
  ].filter((limit) => limit !== false);
  // The first press asks for the password in the same form, the second one
  // makes the token.
  const faults = { ...form.faults, ...limitFaults(form.error, allow_list) };
  const step = { ...form, faults, submit: async () => (proving ? form.submit() : setProving(true)) };
  return (
    <div className={styles.form}>
      <Form form={step} guard submit={proving ? texts.generateMine : texts.generate}>
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          isRequired
          maxLength={100}
          autoComplete="off"
          {...form.field("name")}
        />
        <RadioGroup
          label={texts.permission}
          choices={may.map((id) => ({ id, name: permissions.names[id], text: permissions.ofToken[id] }))}
          {...form.field("permission")}
        />
        <Pills
          label={texts.end}
          hint={[end === "never" ? texts.endNeverHint : at && texts.endAt(at), ...limits].filter(Boolean).join(" ")}
          choices={endsOf(policy).map((one) => ({ id: endKey(one), name: endName(one) }))}
          {...form.field("end")}
        />
        {end === "date" && <DayField longest={policy.longest_days} value={day} onChange={(day) => form.set({ day })} />}
        <details
          className={styles.limit}
          open={limiting || "allow_list" in faults}
          onToggle={(event) => setLimiting(event.currentTarget.open)}
        >
          <summary>
            {texts.limit}
            <span className={styles.quiet}>{texts.limitLead(scope, readNetworks(allow_list).length)}</span>
          </summary>
          <div className={styles.limitBody}>
            <Limits form={form} />
          </div>
        </details>
        {proving && (
          <section ref={prove} className={styles.prove} aria-label={texts.provePart}>
            <p>
              {texts.summary(
                permissions.inText[permission],
                end === "never" ? texts.summaryNever : texts.summaryEnds(at ?? format.calendarDay(day)),
              )}
            </p>
            <Prove
              value={form.values.proof}
              onChange={(proof) => form.set({ proof })}
              email={session.email}
              error={form.error}
            />
          </section>
        )}
      </Form>
    </div>
  );
}

type DayProps = { longest: number | null; value: string; onChange: (value: string) => void };

// The end of a day is later than the time of day at which the token is made. So
// the last day to choose is one day before the longest life.
function DayField({ longest, value, onChange }: DayProps) {
  const format = useFormat();
  return (
    <TextField
      label={texts.endDay}
      hint={texts.endDayHint(format.zone)}
      name="expire_time"
      type="date"
      isRequired
      min={lastDay(0, format)}
      max={longest === null ? undefined : lastDay(longest - 1, format)}
      value={value}
      onChange={onChange}
    />
  );
}
