import { queryOptions, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../api/index.ts";
import { keys, profilesQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { TypedConfirm } from "../../kit/TypedConfirm.tsx";
import { security as texts } from "../../messages/en/security.ts";
import { accountDeleted, useSession } from "../../session/store.ts";
import type { View } from "./Password.tsx";
import styles from "./Security.module.css";

const transfersQuery = queryOptions({
  queryKey: [...keys.transfers, "of the account"],
  queryFn: ({ signal }) => api.GET("/transfer", { params: { query: { amount: 100 } }, signal }),
});

/**
 * The deletion of the account: its effect on each thing, by name, and then the
 * credentials.
 */
export function DeleteAccount({ account }: { account: View }) {
  const { roles } = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <Section title={texts.remove} lead={texts.removeLead} danger>
      {roles.length > 0 && <Notice>{texts.removeRole}</Notice>}
      <div>
        <Button kind="danger" isDisabled={roles.length > 0} onPress={() => setAsking(true)}>
          {texts.removeButton}
        </Button>
      </div>
      {asking && (
        <TypedConfirm
          title={texts.removeTitle}
          text={account.email}
          action={texts.removeButton}
          email={account.email}
          otp={account.otp}
          onClose={() => setAsking(false)}
          onConfirm={async (proof) => {
            await api.DELETE("/account", { body: proof });
            accountDeleted();
          }}
        >
          <Consequences account={account} />
        </TypedConfirm>
      )}
    </Section>
  );
}

function Consequences({ account }: { account: View }) {
  const profiles = useQuery(profilesQuery);
  const transfers = useQuery(transfersQuery);
  return (
    <div className={styles.consequences}>
      <p>{texts.removeIntro}</p>
      <Loaded query={profiles}>
        {(profiles) => (
          <>
            <List
              title={texts.removeOwn}
              text={texts.removeOwnEach}
              items={profiles.filter(({ role }) => role === "owner").map(({ id, name }) => [id, name])}
            />
            <List
              title={texts.removeShared}
              text={texts.removeSharedEach}
              items={profiles.filter(({ role }) => role !== "owner").map(({ id, name }) => [id, name])}
            />
          </>
        )}
      </Loaded>
      <Loaded query={transfers}>
        {(transfers) => (
          <>
            <List
              title={texts.removeTransfers}
              items={transfers
                .filter(({ state, role }) => state === "requested" && (role === "source" || role === "destination"))
                .map(({ ticket, profile }) => [ticket, `${ticket} ${texts.removeTransferEach(profile.name)}`])}
            />
            {transfers.some(({ state, role }) => state === "completed" && role === "source") && (
              <p>{texts.removeDone}</p>
            )}
          </>
        )}
      </Loaded>
      <List
        title={texts.removeAddresses}
        items={[account.email, ...account.former_emails.map(({ email }) => email)].map((email) => [email, email])}
      />
      <p className={styles.text}>{texts.removeKept}</p>
    </div>
  );
}

type ListProps = { title: string; text?: string; items: readonly (readonly [id: string, name: ReactNode])[] };

// A list of the things that are deleted. A kind without things is left out.
function List({ title, text, items }: ListProps) {
  if (items.length === 0) return null;
  return (
    <div>
      <h3 className={styles.name}>{title}</h3>
      <ul className={styles.list}>
        {items.map(([id, name]) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
      {text && <p className={styles.text}>{text}</p>}
    </div>
  );
}
