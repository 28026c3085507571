import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys, profilesQuery } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Guard } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page, Section, Tabs, tabClass } from "../../kit/Page.tsx";
import { Select } from "../../kit/Select.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { useAction } from "../../kit/useAction.ts";
import { classes } from "../../lib/classes.ts";
import { listed, useFormat } from "../../lib/format.ts";
import { addons, plans, type Service, serviceIds, services } from "../../messages/en/services.ts";
import { subscription as texts } from "../../messages/en/subscription.ts";
import {
  type Addon,
  addonIds,
  addonPrice,
  admits,
  after,
  bodyOf,
  type Change,
  hasNow,
  laterOf,
  type Plan,
  type Prices,
  planIds,
  planPrice,
  priceOf,
  renewalOf,
  type Schedule,
  type Scheduled,
  scheduledOf,
  type Toggles,
  toggled,
  type View,
} from "./model.ts";
import { Address, Payments } from "./Payments.tsx";
import { pricingQuery, scheduleQuery, subscriptionQuery } from "./queries.ts";
import { Review } from "./Review.tsx";
import styles from "./Subscription.module.css";

const views = ["plan", "payments", "address"] as const;

/** The subscription of the account, its price, and the form that changes it. */
export function Subscription() {
  const { view = "plan" } = useSearch({ from: "/inside/subscription" });
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Tabs label={texts.viewsLabel}>
        {views.map((one) => (
          <Link
            key={one}
            to="/subscription"
            search={one === "plan" ? {} : { view: one }}
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
            aria-current={one === view ? "page" : undefined}
            className={tabClass ?? ""}
          >
            {texts.views[one]}
          </Link>
        ))}
      </Tabs>
      {view === "payments" ? <Payments /> : view === "address" ? <Address /> : <PlanView />}
    </Page>
  );
}

type All = {
  view: View;
  schedule: Schedule;
  prices: Prices;
  nameOf: (profile: string) => string;
  own: readonly { id: string; name: string }[];
  review: (change: Change | { toggles: Toggles }, done?: () => void) => void;
};

function PlanView() {
  const subscription = useQuery(subscriptionQuery);
  const schedule = useQuery(scheduleQuery);
  const pricing = useQuery(pricingQuery);
  const profiles = useQuery(profilesQuery);
  const [reviewed, setReviewed] = useState<{
    change: Change | { toggles: Toggles };
    done?: (() => void) | undefined;
  }>();
  const skeleton = <Bone height="30rem" />;
  return (
    <Loaded query={subscription} skeleton={skeleton}>
      {(view) => (
        <Loaded query={schedule} skeleton={skeleton}>
          {(waiting) => (
            <Loaded query={pricing} skeleton={skeleton}>
              {(prices) => (
                <Loaded query={profiles} skeleton={skeleton}>
                  {(list) => {
                    const all: All = {
                      view,
                      schedule: waiting,
                      prices,
                      nameOf: (id) => list.find((one) => one.id === id)?.name ?? id,
                      own: list.filter(({ role }) => role === "owner"),
                      review: (change, done) => setReviewed({ change, done }),
                    };
                    return (
                      <>
                        <Banner {...all} />
                        <Totals {...all} />
                        <Plans {...all} />
                        <Limits {...all} />
                        <Addons {...all} />
                        {reviewed && (
                          <Review
                            change={reviewed.change}
                            prices={prices}
                            nameOf={all.nameOf}
                            onClose={() => setReviewed(undefined)}
                            onDone={() => {
                              setReviewed(undefined);
                              reviewed.done?.();
                            }}
                          />
                        )}
                      </>
                    );
                  }}
                </Loaded>
              )}
            </Loaded>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Banner({ view, schedule, nameOf }: All) {
  const { moment, number } = useFormat();
  const { act, pending } = useAction();
  const waiting = scheduledOf(view, schedule);
  if (waiting.length === 0) return null;
  const wordsOf = (one: Scheduled) => {
    if (one.kind === "plan") return texts.toPlan(plans[one.from], plans[one.to]);
    if (one.kind === "addon") return texts.addonEnds(addons[one.addon], listed(one.profiles.map(nameOf)));
    return texts.toLimit(services[one.service].name, number(one.from), number(one.to));
  };
  const options = { done: texts.takenBack, reread: [keys.account] };
  return (
    <Notice>
      <div className={styles.banner}>
        <p>{texts.bannerTitle(moment(schedule.release_at ?? view.current_cycle.end))}</p>
        <ul>
          {waiting.map((one) => (
            <li key={wordsOf(one)}>
              <span>{wordsOf(one)}</span>
              <Button
                small
                isDisabled={pending}
                aria-label={texts.takeBackOf(wordsOf(one))}
                onPress={() => act(() => api.POST("/account/subscription", { body: bodyOf(one.back) }), options)}
              >
                {texts.takeBack}
              </Button>
            </li>
          ))}
          {waiting.length > 1 && (
            <li>
              <span />
              <Button
                small
                isDisabled={pending}
                onPress={() => act(() => api.DELETE("/account/subscription/schedule"), options)}
              >
                {texts.takeBackAll}
              </Button>
            </li>
          )}
        </ul>
      </div>
    </Notice>
  );
}

function Totals({ view }: All) {
  const { money, date, moment } = useFormat();
  const { start, end } = view.current_cycle;
  const free = view.plan === "free";
  return (
    <div className={styles.totals}>
      <section>
        <h2>{texts.cycle}</h2>
        <strong>{texts.cycleOf(date(start), date(end))}</strong>
        <p className={styles.quiet}>{free ? texts.noCycle : texts.recorded}</p>
      </section>
      <section>
        <h2>{texts.renewal}</h2>
        <strong data-renewal>{money(view.upcoming_invoice_total)}</strong>
        <p className={styles.quiet}>{free ? texts.renewalFree : moment(end)}</p>
      </section>
    </div>
  );
}

function Plans({ view, schedule, prices, review }: All) {
  const { money } = useFormat();
  const next: Plan = schedule.subscription?.plan ?? view.plan;
  return (
    <Section title={texts.plan} lead={texts.planLead}>
      <div className={styles.plans}>
        {planIds.map((plan) => {
          const { profiles, members } = admits(prices, plan);
          return (
            <div key={plan} className={classes(styles.plan, plan === view.plan && styles.current)}>
              <div className={styles.planHead} style={{ margin: 0 }}>
                <h3>{plans[plan]}</h3>
                {plan === view.plan ? (
                  <Badge tone="accent">{texts.yours}</Badge>
                ) : (
                  plan === next && <Badge tone="warn">{texts.scheduled}</Badge>
                )}
              </div>
              <span className={styles.price}>{money(planPrice(prices, plan))}</span>
              <p>{texts.plans[plan](texts.admits(profiles, members))}</p>
              {plan !== view.plan && plan !== next && (
                <div>
                  <Button small onPress={() => review({ plan })}>
                    {texts.choose(plans[plan])}
                  </Button>
                </div>
              )}
            </div>
          );
        })}
      </div>
    </Section>
  );
}

function Limits({ view, schedule, prices, review }: All) {
  const { money, number } = useFormat();
  const [chosen, setChosen] = useState<Partial<Record<Service, number>>>({});
  const now = hasNow(view);
  const free = view.plan === "free";
  // With a change to Free everything ends with the renewal, whatever is chosen
  // here.
  const later = laterOf(view, schedule, prices).limits;
  const wanted = (id: Service) => chosen[id] ?? later[id];
  const changes = Object.fromEntries(
    serviceIds.filter((id) => wanted(id) !== later[id]).map((id) => [id, wanted(id)]),
  ) as Partial<Record<Service, number>>;
  const count = Object.keys(changes).length;
  const columns: Column<Service>[] = [
    {
      id: "service",
      name: texts.service,
      primary: true,
      cell: (id) => (
        <span className={styles.head}>
          {services[id].name}
          <span>{services[id].unit}</span>
        </span>
      ),
    },
    {
      id: "limit",
      name: texts.limit,
      cell: (id) => {
        if (free) return number(now.limits[id]);
        const tiers = prices[id].map(({ amount, price }) => ({
          id: String(amount),
          name: number(amount),
          text: price === 0 ? texts.included : money(price),
        }));
        // A limit that was granted individually is no tier.
        const own = tiers.some((tier) => tier.id === String(wanted(id)))
          ? []
          : [{ id: String(wanted(id)), name: number(wanted(id)) }];
        return (
          <span className={styles.select}>
            <Select
              bare
              label={texts.limitOf(services[id].name)}
              value={String(wanted(id))}
              onChange={(amount) => setChosen((before) => ({ ...before, [id]: Number(amount) }))}
              choices={[...own, ...tiers]}
            />
          </span>
        );
      },
    },
    {
      id: "price",
      name: texts.price,
      end: true,
      cell: (id) => {
        const price = priceOf(prices, id, wanted(id));
        return (
          <span className={styles.head}>
            {price === 0 ? texts.included : money(price)}
            {later[id] < now.limits[id] && <span>{texts.fromRenewal(number(later[id]))}</span>}
          </span>
        );
      },
    },
  ];
  return (
    <Section title={texts.services} lead={free ? texts.servicesFree : texts.servicesLead}>
      <Guard dirty={count > 0} />
      <Table label={texts.services} columns={columns} rows={serviceIds} rowKey={(id) => id} />
      {!free && (
        <Foot
          count={count}
          renewal={renewalOf(prices, after(view, schedule, prices, { services: changes }).next)}
          onReset={() => setChosen({})}
          onReview={() => review({ services: changes }, () => setChosen({}))}
        />
      )}
    </Section>
  );
}

function Addons({ view, schedule, prices, own, review }: All) {
  const { money } = useFormat();
  const [chosen, setChosen] = useState<Toggles>({});
  const now = hasNow(view);
  const all = laterOf(view, schedule, prices);
  const later = all.addons;
  if (view.plan === "free" || own.length === 0) {
    return (
      <Section title={texts.addons}>
        <p className={styles.quiet}>{view.plan === "free" ? texts.addonsFree : texts.addonsNone}</p>
      </Section>
    );
  }
  const wanted = (addon: Addon, id: string) => chosen[`${addon} ${id}`] ?? later[addon].includes(id);
  const count = addonIds.reduce(
    (all, addon) => all + own.filter(({ id }) => wanted(addon, id) !== later[addon].includes(id)).length,
    0,
  );
  return (
    <Section title={texts.addons} lead={texts.addonsLead}>
      <Guard dirty={count > 0} />
      <Table
        label={texts.addons}
        rows={own}
        rowKey={({ id }) => id}
        columns={[
          { id: "profile", name: texts.profile, primary: true, cell: ({ name }) => name },
          ...addonIds.map(
            (addon): Column<(typeof own)[number]> => ({
              id: addon,
              name: texts.addonPrice(addons[addon], money(addonPrice(prices, addon))),
              cell: ({ id, name }) => (
                <Checkbox
                  aria-label={texts.addonOf(addons[addon], name)}
                  isSelected={wanted(addon, id)}
                  onChange={(on) => setChosen((before) => ({ ...before, [`${addon} ${id}`]: on }))}
                >
                  <span className={styles.quiet}>
                    {now.addons[addon].includes(id) && !later[addon].includes(id) ? texts.ends : ""}
                  </span>
                </Checkbox>
              ),
            }),
          ),
        ]}
      />
      <Foot
        count={count}
        renewal={renewalOf(prices, after(view, schedule, prices, toggled(all, chosen)).next)}
        onReset={() => setChosen({})}
        onReview={() => review({ toggles: chosen }, () => setChosen({}))}
      />
    </Section>
  );
}

type FootProps = { count: number; renewal: number; onReset: () => void; onReview: () => void };

// Foot shows the number of changes and the price of the next renewal with them.
function Foot({ count, renewal, onReset, onReview }: FootProps) {
  const { money } = useFormat();
  return (
    <div className={styles.foot}>
      <p role="status" className={styles.quiet}>
        {count === 0 ? texts.unchanged : texts.sum(count, money(renewal))}
      </p>
      <div className={styles.buttons}>
        {count > 0 && <Button onPress={onReset}>{texts.reset}</Button>}
        <Button kind="primary" isDisabled={count === 0} onPress={onReview}>
          {texts.review}
        </Button>
      </div>
    </div>
  );
}
