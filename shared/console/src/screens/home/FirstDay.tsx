import { queryOptions, useQuery } from "@tanstack/react-query";
import Circle from "lucide-react/icons/circle";
import CircleCheck from "lucide-react/icons/circle-check";
import X from "lucide-react/icons/x";
import { api } from "../../api/index.ts";
import { accountQuery, keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Section } from "../../kit/Page.tsx";
import { useAction } from "../../kit/useAction.ts";
import { firstDay as texts } from "../../messages/en/home.ts";
import { plans } from "../../messages/en/services.ts";
import styles from "./Home.module.css";
import { isNew, type Step, stepsOf } from "./steps.ts";

type Overview = components["schemas"]["AccountOverviewView"];

// One token is enough to know that there is one.
const aTokenQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.tokens(id), "one"],
    queryFn: ({ signal }) => api.GET("/profile/{id}/token", { params: { path: { id }, query: { amount: 1 } }, signal }),
  });

/**
 * The first steps with a new account, each ticked when it is done. The list
 * disappears after the first day, when all is done, or when a person hides it.
 */
export function FirstDay({ overview }: { overview: Overview }) {
  const { act, pending } = useAction();
  const [profile] = overview.profiles.filter(({ role }) => role === "owner");
  const { data: account } = useQuery(accountQuery);
  const fresh = account !== undefined && profile !== undefined && isNew(account, Date.now());
  const { data: tokens } = useQuery({ ...aTokenQuery(profile?.id ?? ""), enabled: fresh });
  if (!fresh || !tokens) return null;
  const steps = stepsOf(overview, account, tokens.length);
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;

  const hide = (hidden: boolean) => api.PUT("/account", { body: { options: { user_view_welcome: hidden } } });
  async function leave() {
    const hidden = await act(() => hide(true), {
      done: texts.hidden,
      undo: () => hide(false),
      reread: [accountQuery.queryKey],
    });
    // The button is gone.
    if (hidden) document.getElementById("main")?.focus();
  }
  return (
    <Section
      title={texts.title}
      lead={texts.lead(done, steps.length)}
      actions={
        <Button kind="quiet" small icon={X} isPending={pending} onPress={leave}>
          {texts.hide}
        </Button>
      }
    >
      <ul className={styles.steps}>
        {steps.map(({ id, done }) => (
          <li key={id} className={done ? styles.done : undefined}>
            {done ? <CircleCheck size="1.25rem" aria-hidden /> : <Circle size="1.25rem" aria-hidden />}
            <div>
              <Way step={id} profile={profile.id} />
              {done && <span className="visually-hidden"> {texts.done}</span>}
              <p>{texts.texts[id](plans[overview.plan])}</p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Way({ step, profile }: { step: Step["id"]; profile: string }) {
  const name = texts.steps[step];
  const params = { profile };
  if (step === "factor") return <Link to="/account/security">{name}</Link>;
  if (step === "token")
    return (
      <Link to="/p/$profile/tokens/new" params={params}>
        {name}
      </Link>
    );
  return (
    <Link to={step === "invite" ? "/p/$profile/team" : "/p/$profile"} params={params}>
      {name}
    </Link>
  );
}
