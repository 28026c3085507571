import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { reread } from "../../kit/useAction.ts";
import { useFormat } from "../../lib/format.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { forgetTransferCode } from "../../session/links.ts";
import { signOut, useSession } from "../../session/store.ts";
import { About, Terms } from "./About.tsx";
import type { Done } from "./Accept.tsx";
import { Checks } from "./Checks.tsx";
import { Deeds, Ending } from "./Deeds.tsx";
import { Progress } from "./Progress.tsx";
import { transferQuery } from "./queries.ts";
import { Receipt } from "./Receipt.tsx";
import { Returned } from "./Returned.tsx";
import { StateBadge } from "./StateBadge.tsx";
import { Timeline } from "./Timeline.tsx";
import styles from "./Transfer.module.css";
import { plain } from "./words.ts";

/** One transfer, for each of its sides. */
export function Transfer() {
  const { ticket } = useParams({ from: "/inside/transfers/$ticket" });
  return <Ticket key={ticket} ticket={ticket} />;
}

// The action may have created another ticket, such as the one that takes a
// transfer back. The page of that ticket shows the message.
let said: { ticket: string; text: string } | undefined;

function Ticket({ ticket }: { ticket: string }) {
  const query = useQuery(transferQuery(ticket));
  const router = useRouter();
  const format = useFormat();
  const [message, setMessage] = useState(() => (said?.ticket === ticket ? said.text : undefined));

  async function onDone(done: Done) {
    const text = `${plain(done.message, format)}.`;
    said = { ticket: done.ticket, text };
    if (done.ticket === ticket) setMessage(text);
    if (done.state !== "requested") forgetTransferCode(ticket);
    await Promise.all([reread(keys.account, keys.notifications), reread(["profile"])]);
    await router.navigate({
      to: "/transfers/$ticket",
      params: { ticket: done.ticket },
      search: {},
      replace: true,
      ignoreBlocker: true,
    });
  }

  if (query.isError && query.error instanceof ApiError && query.error.status === 404 && !query.data) {
    return <NotYours ticket={ticket} />;
  }
  const { data } = query;
  const title = data?.profile ? (data.reverts ? texts.returnTitle : texts.title)(data.profile.name) : texts.plainTitle;
  return (
    <Page
      title={title}
      within={ticket}
      beside={data && <StateBadge view={data} />}
      actions={
        <Link to="/transfers" kind="secondary">
          {texts.allTransfers}
        </Link>
      }
    >
      <div role="status" className={message ? undefined : "visually-hidden"}>
        {message && <Notice kind="good">{message}</Notice>}
      </div>
      <Loaded query={query} skeleton={<Bones />}>
        {(view) => (
          <>
            <Progress view={view}>
              <Ending view={view} onDone={onDone} />
            </Progress>
            <Returned view={view} />
            <Receipt view={view} onDone={onDone} />
            <Deeds view={view} onDone={onDone} />
            <div className={styles.columns}>
              <div className={styles.column}>
                <Checks view={view} />
                <Terms view={view} />
                <About view={view} />
              </div>
              <div className={styles.column}>
                <Timeline view={view} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function Bones() {
  return (
    <>
      <Bone height="9rem" />
      <Bone height="14rem" />
    </>
  );
}

function NotYours({ ticket }: { ticket: string }) {
  const { email } = useSession();
  return (
    <Page title={texts.notYoursTitle}>
      <Notice kind="warn">{texts.notYours(ticket, email)}</Notice>
      <div className={styles.row}>
        <Button onPress={() => void signOut()}>{texts.otherAccount}</Button>
        <Link to="/transfers" kind="secondary">
          {texts.allTransfers}
        </Link>
      </div>
    </Page>
  );
}
