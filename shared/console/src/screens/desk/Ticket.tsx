import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { keys } from "../../api/queries.ts";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { reread } from "../../kit/useAction.ts";
import { useFormat } from "../../lib/format.ts";
import { desk as texts } from "../../messages/en/desk.ts";
import { transfer } from "../../messages/en/transfer.ts";
import { About, Terms } from "../transfer/About.tsx";
import { Checks } from "../transfer/Checks.tsx";
import { Progress } from "../transfer/Progress.tsx";
import { Receipt } from "../transfer/Receipt.tsx";
import { Returned } from "../transfer/Returned.tsx";
import { StateBadge } from "../transfer/StateBadge.tsx";
import { Timeline } from "../transfer/Timeline.tsx";
import { Bones } from "../transfer/Transfer.tsx";
import { isOpen, plain, type View } from "../transfer/words.ts";
import { Accounts } from "./Accounts.tsx";
import { Decision, type Done } from "./Decision.tsx";
import styles from "./Desk.module.css";
import { Entry } from "./Entry.tsx";
import { deskQuery, ticketQuery } from "./queries.ts";
import { nextOf, type Row } from "./queue.ts";

type Said = { ticket: string; text: string; next: Row | undefined; final: boolean };

// The consent of an agent to a return has a ticket of its own, whose page shows
// the message.
let last: Said | undefined;

/** One transfer, for those who decide about it. */
export function Ticket() {
  const { ticket } = useParams({ from: "/inside/desk/$ticket" });
  return <Whole key={ticket} ticket={ticket} />;
}

function Whole({ ticket }: { ticket: string }) {
  const query = useQuery(ticketQuery(ticket));
  const client = useQueryClient();
  const router = useRouter();
  const format = useFormat();
  const [said, setSaid] = useState(() => (last?.ticket === ticket ? last : undefined));
  async function onDone(done: Done, final: boolean) {
    await reread(keys.desk);
    const queue = final ? await client.fetchQuery(deskQuery).catch(() => []) : [];
    last = { ticket: done.ticket, text: `${plain(done.message, format)}.`, next: nextOf(queue, done.ticket), final };
    if (done.ticket === ticket) return setSaid(last);
    await router.navigate({ to: "/desk/$ticket", params: { ticket: done.ticket }, ignoreBlocker: true });
  }
  const { data } = query;
  const title = data?.profile
    ? (data.reverts ? transfer.returnTitle : transfer.title)(data.profile.name)
    : transfer.plainTitle;
  return (
    <Page
      title={title}
      within={ticket}
      beside={data && <StateBadge view={data} />}
      actions={
        <Link to="/desk" kind="secondary">
          {texts.back}
        </Link>
      }
    >
      <div role="status" className={said ? undefined : "visually-hidden"}>
        {said && (
          <Notice kind="good">
            <p>{said.text}</p>
            {said.final && <Next next={said.next} />}
          </Notice>
        )}
      </div>
      {query.error instanceof ApiError && query.error.status === 403 ? (
        <Own ticket={ticket} />
      ) : (
        <Loaded query={query} skeleton={<Bones />}>
          {(view) => <Body view={view} onDone={onDone} />}
        </Loaded>
      )}
    </Page>
  );
}

// Own is shown if the agent is a side of the transfer: the service shows it to
// them as that side.
function Own({ ticket }: { ticket: string }) {
  return (
    <>
      <Notice kind="warn">{texts.own}</Notice>
      <div>
        <Link to="/transfers/$ticket" params={{ ticket }} kind="primary">
          {texts.ownSide}
        </Link>
      </div>
    </>
  );
}

function Next({ next }: { next: Row | undefined }) {
  if (!next) return <p>{texts.noNext}</p>;
  return (
    <p>
      <Link to="/desk/$ticket" params={{ ticket: next.ticket }}>
        {texts.nextTicket(next.ticket, next.profile.name)}
      </Link>
    </p>
  );
}

function Body({ view, onDone }: { view: View; onDone: (done: Done, final: boolean) => Promise<void> }) {
  return (
    <>
      <Progress view={view} />
      <Returned view={view} />
      <Receipt view={view} onDone={async () => {}} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Checks view={view} />
          <Terms view={view} />
          <About view={view} desk />
        </div>
        <div className={styles.column}>
          <Decision view={view} onDone={onDone} />
          <Accounts view={view} />
        </div>
      </div>
      <Timeline view={view} title={texts.thread} />
      {isOpen(view) && <Entry view={view} onDone={onDone} />}
    </>
  );
}
