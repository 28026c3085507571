import { useParams, useRouter } from "@tanstack/react-router";
import RefreshCw from "lucide-react/icons/refresh-cw";
import { useState } from "react";
import { isCode } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Facts, Page, Section } from "../../kit/Page.tsx";
import { emptyProof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { CopyId, Time } from "../../kit/Values.tsx";
import { permissions } from "../../messages/en/permissions.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { useRight } from "../../shell/right.ts";
import { Ends, LastUse, StateBadges } from "./Cells.tsx";
import { Gone, whyNotRotated } from "./Gone.tsx";
import { Limits, limitFaults } from "./Limits.tsx";
import { readNetworks } from "./life.ts";
import { useMakers, useTokens } from "./queries.ts";
import { Ask, type Deed } from "./TokenActions.tsx";
import styles from "./Tokens.module.css";
import type { Token } from "./tokens.ts";

/** One token: its description, its use, and the actions on it. */
export function TokenPage() {
  const { token: id } = useParams({ from: "/inside/p/$profile/tokens/$token" });
  const { id: profile, name } = useProfile();
  const { account } = useSession();
  const right = useRight();
  const query = useTokens();
  const token = query.data?.find((one) => one.id === id);
  const full = right.may("full");
  return (
    <Page
      title={token?.name ?? id}
      within={name}
      beside={
        <>
          {token && <StateBadges token={token} />}
          <Given />
        </>
      }
      actions={
        token &&
        !whyNotRotated(token, account, full) && (
          <Link to="/p/$profile/tokens/$token/rotate" params={{ profile, token: id }} kind="secondary" icon={RefreshCw}>
            {texts.rotate}
          </Link>
        )
      }
    >
      <Loaded query={query}>
        {(all) =>
          token ? (
            <>
              <Family token={token} all={all} />
              {!full && <Notice>{texts.writeOnly}</Notice>}
              <About token={token} />
              {full && !token.graceEnds && <Edit key={token.id} token={token} />}
              {full && <EndIt token={token} />}
            </>
          ) : (
            <Gone profile={profile} />
          )
        }
      </Loaded>
    </Page>
  );
}

// Family shows the tokens of a family, each of which replaced the one before.
function Family({ token, all }: { token: Token; all: readonly Token[] }) {
  const { id: profile } = useProfile();
  const before = all.find(({ id, graceEnds }) => id === token.replaces && graceEnds);
  const next = all.find(({ replaces }) => replaces === token.id);
  return (
    <>
      {token.graceEnds && (
        <Notice kind="warn">
          <p>
            {texts.replaced} <Time at={token.graceEnds} />
          </p>
          <p>{texts.replacedThen}</p>
          {next && (
            <Link to="/p/$profile/tokens/$token" params={{ profile, token: next.id }}>
              {texts.toNext}
            </Link>
          )}
        </Notice>
      )}
      {before && (
        <Section title={texts.beforeTitle} lead={texts.beforeLead}>
          <Facts
            pairs={[
              [
                texts.id,
                <Link key="id" to="/p/$profile/tokens/$token" params={{ profile, token: before.id }}>
                  {before.id}
                </Link>,
              ],
              [texts.oldUntil, <Time key="until" at={before.graceEnds} />],
              [texts.oldUsed, <LastUse key="used" token={before} />],
            ]}
          />
        </Section>
      )}
    </>
  );
}

function About({ token }: { token: Token }) {
  const makerOf = useMakers();
  return (
    <Section title={texts.about}>
      <Facts
        pairs={[
          [texts.id, <CopyId key="id" label={texts.id} value={token.id} />],
          [texts.permission, permissions.names[token.permission]],
          [texts.scope, texts.scopes[token.scope]],
          [texts.from, token.networks.length > 0 ? token.networks.join(", ") : texts.anywhere],
          [texts.by, makerOf(token)],
          [texts.made, <Time key="made" at={token.made} />],
          [texts.used, <LastUse key="used" token={token} />],
          [texts.agent, token.used?.agent],
          [texts.ends, <Ends key="ends" token={token} />],
        ]}
      />
    </Section>
  );
}

function Edit({ token }: { token: Token }) {
  const { id: profile } = useProfile();
  const { account, email } = useSession();
  const form = useForm({
    initial: {
      name: token.name,
      scope: token.scope,
      allow_list: token.networks.join("\n"),
      proof: emptyProof(),
    },
    names: ["password", "pin_code"],
    save: async ({ name, scope, allow_list, proof }) => {
      const networks = readNetworks(allow_list);
      await api.PUT("/profile/{id}/token/{token}", {
        params: { path: { id: profile, token: token.id } },
        // Only changed fields are sent: another person may have changed the
        // others.
        body: {
          ...(name.trim() !== token.name && { name: name.trim() }),
          ...(scope !== token.scope && { scope }),
          ...(networks.join() !== token.networks.join() && { allow_list: networks }),
          ...(proof.password && proofBody(proof)),
        },
      });
      form.set({ proof: emptyProof(), allow_list: networks.join("\n") });
      await reread(keys.tokens(profile));
      toast(texts.saved);
    },
  });
  const { proof, allow_list } = form.values;
  // The service knows whether a change gives the token power, and asks for the
  // password then.
  const wanted = isCode(form.error, "password_required");
  const proving = proof.password !== "" || isCode(form.error, "password_required", "second_factor_required");
  const asked = {
    ...form,
    error: wanted ? undefined : form.error,
    faults: wanted ? {} : { ...form.faults, ...limitFaults(form.error, allow_list) },
  };
  return (
    <Section title={texts.nameAndLimits} lead={token.by === account ? texts.nameAndLimitsLead : texts.ownerEdits}>
      <div className={styles.form}>
        <Form form={asked} guard submit={texts.save}>
          <TextField label={texts.name} isRequired maxLength={100} autoComplete="off" {...form.field("name")} />
          <Limits form={form} />
          {proving && (
            <div className={styles.prove}>
              <p role="status">{texts.needsProof}</p>
              <Prove value={proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
            </div>
          )}
        </Form>
      </div>
    </Section>
  );
}

function EndIt({ token }: { token: Token }) {
  const { id: profile } = useProfile();
  const router = useRouter();
  const [deed, setDeed] = useState<Deed>();
  return (
    <Section title={texts.endIt} lead={texts.endItLead}>
      <div className={styles.row}>
        {!token.graceEnds && (
          <Button onPress={() => setDeed(token.disabled ? "enable" : "disable")}>
            {token.disabled ? texts.enable : texts.disable}
          </Button>
        )}
        <Button kind="dangerQuiet" onPress={() => setDeed("remove")}>
          {texts.remove}
        </Button>
      </div>
      {deed && (
        <Ask
          profile={profile}
          deed={deed}
          tokens={[token]}
          onClose={() => setDeed(undefined)}
          onDone={() => {
            if (deed === "remove") {
              void router.navigate({ to: "/p/$profile/tokens", params: { profile }, replace: true });
            }
          }}
        />
      )}
    </Section>
  );
}
