import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Link } from "../../kit/Link.tsx";
import { Failure } from "../../kit/Notice.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { addons, plans, serviceIds, services } from "../../messages/en/services.ts";
import { subscription as texts } from "../../messages/en/subscription.ts";
import {
  addonIds,
  admits,
  after,
  bodyOf,
  type Change,
  chargesOf,
  hasNext,
  laterOf,
  type Prices,
  renewalOf,
  type Schedule,
  shrinks,
  type Toggles,
  toggled,
  type View,
} from "./model.ts";
import { reviewQuery } from "./queries.ts";
import styles from "./Subscription.module.css";

type Data = { view: View; schedule: Schedule; prorated: Prices; rows: Parameters<typeof shrinks>[0] };

type Asked = Change | { toggles: Toggles };

/**
 * The cost of a change now and from the renewal on, and the losses of profiles,
 * before the change is made.
 */
export function Review({
  change,
  prices,
  nameOf,
  onClose,
  onDone,
}: {
  change: Asked;
  prices: Prices;
  nameOf: (profile: string) => string;
  onClose: () => void;
  onDone: () => void;
}) {
  const query = useQuery(reviewQuery);
  const title =
    "plan" in change
      ? texts.reviewTitle.plan(plans[change.plan])
      : "services" in change
        ? texts.reviewTitle.services
        : texts.reviewTitle.addons;
  // Prices of another review may be old: they are for the days that were left
  // then.
  const fresh = query.isFetching && !query.isFetchedAfterMount ? { ...query, data: undefined } : query;
  return (
    <Dialog open broad title={title} onClose={onClose}>
      <Loaded query={fresh as typeof query} skeleton={<Bone height="12rem" />}>
        {(data) => (
          <Consequences
            data={data as Data}
            change={change}
            prices={prices}
            nameOf={nameOf}
            onClose={onClose}
            onDone={onDone}
          />
        )}
      </Loaded>
    </Dialog>
  );
}

function Consequences({
  data: { view, schedule, prorated, rows },
  change: asked,
  prices,
  nameOf,
  onClose,
  onDone,
}: {
  data: Data;
  change: Asked;
  prices: Prices;
  nameOf: (profile: string) => string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { money, number, date, moment } = useFormat();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  // Changes of another tab stay: only the choices of this person are sent.
  const change = "toggles" in asked ? toggled(laterOf(view, schedule, prices), asked.toggles) : asked;
  const { now, next } = after(view, schedule, prices, change);
  const { profiles: admitted } = admits(prices, next.plan);
  const charges = chargesOf(view, prorated, change);
  const sum = charges.reduce((all, { amount }) => all + amount, 0);
  const [before, then] = [renewalOf(prices, hasNext(view, schedule, prices)), renewalOf(prices, next)];
  const first = view.plan === "free";
  const end = view.current_cycle.end;
  const smaller = serviceIds.filter((id) => next.limits[id] < now.limits[id]);
  const ending = addonIds.flatMap((addon) =>
    now.addons[addon].filter((id) => !next.addons[addon].includes(id)).map((id) => ({ addon, id })),
  );
  const shrinking = shrinks(rows, next.limits).filter(({ service }) => smaller.includes(service));
  const less = smaller.length > 0 || ending.length > 0 || next.plan !== now.plan;

  async function confirm() {
    setPending(true);
    setError(undefined);
    try {
      await api.POST("/account/subscription", { body: bodyOf(change) });
    } catch (reason) {
      setError(reason);
      setPending(false);
      return;
    }
    await reread(keys.account, ["profile"]);
    toast(sum > 0 || !less ? texts.changed : texts.scheduledDone(date(end)));
    onDone();
  }

  const chargeName = ({ kind, what, profile }: (typeof charges)[number]) => {
    if (kind === "plan") return `${texts.plan} ${plans[what as keyof typeof plans]}`;
    if (kind === "service") return services[what as keyof typeof services].name;
    return texts.addonOf(addons[what as keyof typeof addons], nameOf(profile ?? ""));
  };
  return (
    <div className={styles.review}>
      <div className={styles.money}>
        <section>
          <h3>{texts.now}</h3>
          {sum > 0 ? (
            <>
              <strong>{money(sum)}</strong>
              {charges.length > 1 && (
                <List lines={charges.map((charge) => `${chargeName(charge)}: ${money(charge.amount)}`)} />
              )}
              <p className={styles.quiet}>{first ? texts.nowFirst : texts.nowUntil(moment(end))}</p>
            </>
          ) : (
            <p>{texts.nowNothing}</p>
          )}
        </section>
        <section>
          <h3>{first ? texts.laterFirst : texts.laterOn(date(end))}</h3>
          <strong>{texts.laterCosts(money(then))}</strong>
          <p className={styles.quiet}>
            {next.plan === "free" ? texts.laterFree : then === before ? texts.laterSame : texts.laterWas(money(before))}
          </p>
        </section>
      </div>
      {less && !first && <p>{texts.until(moment(end))}</p>}
      {"plan" in change && rows.length > admitted && (
        <p>{texts.profilesStay(rows.length, plans[next.plan], admitted)}</p>
      )}
      {smaller.length > 0 && (
        <Part title={texts.limits}>
          <List
            lines={smaller.map((id) =>
              texts.toLimit(services[id].name, number(now.limits[id]), number(next.limits[id])),
            )}
          />
        </Part>
      )}
      {shrinking.length > 0 && (
        <Part title={texts.shrink}>
          <p className={styles.quiet}>
            {texts.shrinkLead} <Link to="/allocation">{texts.toAllocation}</Link>
          </p>
          <List
            lines={shrinking.map(({ profile, service, from, to }) =>
              texts.shrinkLine(nameOf(profile), services[service].name, number(from), number(to)),
            )}
          />
        </Part>
      )}
      {ending.length > 0 && (
        <Part title={texts.addonsEnd}>
          <List lines={ending.map(({ addon, id }) => texts.addonOf(addons[addon], nameOf(id)))} />
        </Part>
      )}
      <p className={styles.quiet}>{texts.recorded}</p>
      {error !== undefined && <Failure error={error} />}
      <Buttons>
        <Button autoFocus onPress={onClose}>
          {common.cancel}
        </Button>
        <Button kind="primary" isPending={pending} onPress={() => !pending && confirm()}>
          {sum > 0 ? texts.confirmNow(money(sum)) : less ? texts.confirmLater : texts.confirmFree}
        </Button>
      </Buttons>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function List({ lines }: { lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
