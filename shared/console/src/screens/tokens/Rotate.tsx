import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { accountQuery, keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Facts, Page } from "../../kit/Page.tsx";
import { emptyProof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Forbidden, Loaded } from "../../kit/States.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { Time } from "../../kit/Values.tsx";
import { day, hour } from "../../lib/days.ts";
import { useFormat } from "../../lib/format.ts";
import { permissions } from "../../messages/en/permissions.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { useRight } from "../../shell/right.ts";
import { LastUse } from "./Cells.tsx";
import { Gone, whyNotRotated } from "./Gone.tsx";
import { type Grace, graces, usualGrace } from "./life.ts";
import { Pills } from "./Pills.tsx";
import { useTokens } from "./queries.ts";
import { Secret } from "./Secret.tsx";
import styles from "./Tokens.module.css";
import { type Token, tokenId } from "./tokens.ts";

type Rotated = components["schemas"]["RotatedView"];

/** Rotates a token, and shows the new one. */
export function Rotate() {
  const { token: id } = useParams({ from: "/inside/p/$profile/tokens/$token/rotate" });
  const { id: profile, name: profileName } = useProfile();
  const { account } = useSession();
  const right = useRight();
  const query = useTokens();
  const router = useRouter();
  const [made, setMade] = useState<Rotated>();
  const token = query.data?.find((one) => one.id === id);
  if (made) {
    return (
      <Secret
        profileName={profileName}
        name={made.name}
        secret={made.token}
        limited={made.allow_list.length > 0}
        onStored={() =>
          void router.navigate({
            to: "/p/$profile/tokens/$token",
            params: { profile, token: tokenId(made.token) },
            replace: true,
            ignoreBlocker: true,
          })
        }
      >
        <OldOne until={made.grace_ends} token={token} />
      </Secret>
    );
  }
  const title = texts.rotateTitle(token?.name ?? id);
  return (
    <Page title={title} within={profileName} lead={texts.rotateLead} beside={<Given />}>
      <Loaded query={query}>
        {() => {
          if (!token) return <Gone profile={profile} />;
          const why = whyNotRotated(token, account, right.may("full"));
          return why ? <Forbidden>{why}</Forbidden> : <Fields profile={profile} token={token} onMade={setMade} />;
        }}
      </Loaded>
    </Page>
  );
}

// OldOne shows until when the rotated token works, and who still uses it.
function OldOne({ until, token }: { until: string; token: Token | undefined }) {
  if (Date.parse(until) <= Date.now()) return <p>{texts.oldStopped}</p>;
  return (
    <Facts
      pairs={[
        [texts.oldUntil, <Time key="until" at={until} />],
        [texts.oldUsed, token && <LastUse key="used" token={token} />],
      ]}
    />
  );
}

const spans: Record<Grace, number> = {
  "0": 0,
  "15 minutes": hour / 4,
  "1 hour": hour,
  "6 hours": 6 * hour,
  "24 hours": 24 * hour,
  "3 days": 3 * day,
  "7 days": 7 * day,
};

type FieldsProps = { profile: string; token: Token; onMade: (made: Rotated) => void };

function Fields({ profile, token, onMade }: FieldsProps) {
  const session = useSession();
  const format = useFormat();
  const { data: account } = useQuery(accountQuery);
  const form = useForm({
    initial: { grace: usualGrace as Grace, proof: emptyProof(account?.otp) },
    names: ["password", "pin_code"],
    save: async ({ grace, proof }) => {
      const made = await api.POST("/profile/{id}/token/{token}/rotate", {
        params: { path: { id: profile, token: token.id } },
        body: { grace, ...proofBody(proof) },
      });
      void reread(keys.tokens(profile));
      onMade(made);
    },
  });
  const { grace } = form.values;
  const until = Date.now() + spans[grace];
  const hint =
    grace === "0"
      ? texts.graceNow
      : token.ends && Date.parse(token.ends) < until
        ? texts.graceShort(format.moment(token.ends))
        : texts.graceLater(format.moment(until));
  return (
    <div className={styles.form}>
      <Form form={form} submit={texts.rotateIt}>
        <Facts
          pairs={[
            [texts.id, <code key="id">{token.id}</code>],
            [texts.permission, permissions.names[token.permission]],
            [texts.used, <LastUse key="used" token={token} />],
          ]}
        />
        <Pills
          label={texts.grace}
          choices={graces.map((id) => ({ id, name: texts.graces[id] }))}
          {...form.field("grace")}
        />
        <Notice kind={grace === "0" && token.used ? "warn" : "info"} live>
          {hint}
        </Notice>
        <Prove
          value={form.values.proof}
          onChange={(proof) => form.set({ proof })}
          email={session.email}
          error={form.error}
        />
      </Form>
    </div>
  );
}
