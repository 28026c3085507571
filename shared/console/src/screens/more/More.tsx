import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { accountQuery, profilesQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { CopyId } from "../../kit/Values.tsx";
import { more as texts } from "../../messages/en/more.ts";
import { tokens } from "../../messages/en/tokens.ts";
import { Given } from "../../shell/Given.tsx";
import { type OpenProfile, useProfile } from "../../shell/Profile.tsx";
import { PolicySection } from "../tokens/PolicySection.tsx";
import { useTokens } from "../tokens/queries.ts";
import { RevokeAll } from "../tokens/RevokeAll.tsx";
import { checkQuery } from "../transfer/queries.ts";
import { isBlocking } from "../transfer/words.ts";
import styles from "./More.module.css";
import { Remove } from "./Remove.tsx";

/** The id of a profile, its token policy, its transfer and its deletion. */
export function More() {
  const profile = useProfile();
  const { id, name, own, owner_name } = profile;
  return (
    <Page title={texts.title} within={name} beside={<Given />} lead={texts.lead}>
      <Section title={texts.id} lead={texts.idLead}>
        <CopyId label={texts.id} value={id} />
      </Section>
      {own ? (
        <>
          <PolicySection />
          <Danger profile={profile} />
        </>
      ) : (
        <Notice>{texts.readOnly(owner_name)}</Notice>
      )}
    </Page>
  );
}

function Danger({ profile }: { profile: OpenProfile }) {
  return (
    <Section title={texts.danger} lead={texts.dangerLead} danger>
      <ul className={styles.deeds}>
        <Transfer profile={profile} />
        <Revocation />
        <Removal profile={profile} />
      </ul>
    </Section>
  );
}

type DeedProps = { title: string; text: ReactNode; children: ReactNode };

function Deed({ title, text, children }: DeedProps) {
  return (
    <li className={styles.deed}>
      <div className={styles.words}>
        <h3>{title}</h3>
        {text}
      </div>
      <div className={styles.act}>{children}</div>
    </li>
  );
}

function Revocation() {
  const [asking, setAsking] = useState(false);
  const { data: all } = useTokens();
  return (
    <Deed
      title={tokens.revokeAll}
      text={
        <>
          <p>{tokens.revokeAllLead}</p>
          {all?.length === 0 && <p className={styles.state}>{tokens.revokeNone}</p>}
        </>
      }
    >
      <Button kind="dangerQuiet" isDisabled={!all?.length} onPress={() => setAsking(true)}>
        {texts.revokeGo}
      </Button>
      {asking && all && <RevokeAll count={all.length} onClose={() => setAsking(false)} />}
    </Deed>
  );
}

function Transfer({ profile: { id } }: { profile: OpenProfile }) {
  const query = useQuery(checkQuery(id));
  return (
    <Loaded query={query} skeleton={<Bone height="3rem" />}>
      {({ ticket, checks }) => {
        const lacking = checks.filter(isBlocking).length;
        return (
          <Deed
            title={texts.transfer}
            text={
              <>
                <p>{texts.transferText}</p>
                {ticket ? (
                  <p className={styles.state}>{texts.transferOpen(ticket)}</p>
                ) : (
                  lacking > 0 && <p className={styles.state}>{texts.transferLacks(lacking)}</p>
                )}
              </>
            }
          >
            {ticket ? (
              <Link to="/transfers/$ticket" params={{ ticket }} kind="secondary">
                {texts.transferSee}
              </Link>
            ) : (
              <Link
                to="/p/$profile/more/transfer"
                params={{ profile: id }}
                kind={lacking ? "secondary" : "dangerQuiet"}
              >
                {lacking ? texts.transferWhy : texts.transferGo}
              </Link>
            )}
          </Deed>
        );
      }}
    </Loaded>
  );
}

function Removal({ profile }: { profile: OpenProfile }) {
  const [asking, setAsking] = useState(false);
  const { data: profiles = [] } = useQuery(profilesQuery);
  const { data: account } = useQuery(accountQuery);
  const only = profiles.filter(({ role }) => role === "owner").length < 2;
  return (
    <Deed
      title={texts.remove}
      text={
        <>
          <p>{texts.removeText}</p>
          {only && <p className={styles.state}>{texts.removeOnly}</p>}
        </>
      }
    >
      <Button kind="dangerQuiet" isDisabled={only} onPress={() => setAsking(true)}>
        {texts.removeGo}
      </Button>
      {asking && <Remove profile={profile} otp={account?.otp} onClose={() => setAsking(false)} />}
    </Deed>
  );
}
