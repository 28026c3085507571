import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { profileQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { useFormat } from "../../lib/format.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { useRight } from "../../shell/right.ts";
import { Filters } from "./Filters.tsx";
import { most, useTokens } from "./queries.ts";
import { Ask, type Deed } from "./TokenActions.tsx";
import styles from "./Tokens.module.css";
import { TokenTable } from "./TokenTable.tsx";
import { readView, shown, type Token, type View, writeView } from "./tokens.ts";

export function Tokens() {
  const { id, name, own, owner_name } = useProfile();
  const right = useRight();
  const query = useTokens();
  const { number } = useFormat();
  const make = right.may("write") && (
    <Link to="/p/$profile/tokens/new" params={{ profile: id }} kind="primary" icon={Plus}>
      {texts.make}
    </Link>
  );
  return (
    <Page
      title={texts.title}
      within={name}
      lead={own ? texts.lead : texts.leadMember}
      beside={<Given />}
      actions={make}
    >
      {right.permission === "read" && <Notice>{texts.readerText(owner_name)}</Notice>}
      {right.permission === "write" && <Notice>{texts.writeOnly}</Notice>}
      <Loaded query={query} skeleton={["a", "b", "c", "d"].map((key) => <Bone key={key} height="3.25rem" />)}>
        {(all) =>
          all.length === 0 ? (
            <Empty title={texts.emptyTitle} actions={make}>
              {own ? texts.empty : texts.emptyMember}
            </Empty>
          ) : (
            <>
              <List all={all} />
              {all.length === most && <p className={styles.quiet}>{texts.first(number(most))}</p>}
            </>
          )
        }
      </Loaded>
      {own && <Policy id={id} />}
    </Page>
  );
}

// The token policy of the profile, and a link to change it.
function Policy({ id }: { id: string }) {
  const { data: profile } = useQuery(profileQuery(id));
  const { number } = useFormat();
  if (!profile) return null;
  const { longest_days: days, never } = profile.token_policy;
  return (
    <p className={styles.quiet}>
      {texts.policyNow(days ? number(days) : undefined, never)}{" "}
      <Link to="/p/$profile/more" params={{ profile: id }}>
        {texts.policyMore}
      </Link>
    </p>
  );
}

function List({ all }: { all: readonly Token[] }) {
  const { id } = useProfile();
  const { account } = useSession();
  const right = useRight();
  const view = readView(useSearch({ from: "/inside/p/$profile/tokens" }));
  const navigate = useNavigate({ from: "/p/$profile/tokens" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<{ deed: Deed; tokens: readonly Token[] }>();
  const show = (change: Partial<View>) =>
    void navigate({ search: writeView({ ...view, ...change }), replace: true, resetScroll: false });
  const rows = shown(all, view, account, Date.now());
  // A token that a filter hides is not selected: actions change only tokens
  // that the person sees.
  const selected = rows.filter((token) => chosen.has(token.id));
  const choose = (ids: readonly string[], on: boolean) =>
    setChosen((before) => new Set([...before].filter((one) => !ids.includes(one)).concat(on ? ids : [])));
  const full = right.may("full");
  return (
    <>
      <Filters all={all} view={view} onChange={show} />
      {full && (
        <div role="status" className={selected.length > 0 ? undefined : "visually-hidden"}>
          {selected.length > 0 && (
            <fieldset className={styles.bulk} aria-label={texts.selection}>
              <span>{texts.selected(selected.length)}</span>
              {selected.length < rows.length && (
                <Button
                  small
                  kind="quiet"
                  onPress={() =>
                    choose(
                      rows.map((token) => token.id),
                      true,
                    )
                  }
                >
                  {texts.selectAll}
                </Button>
              )}
              <Button small kind="quiet" onPress={() => setChosen(new Set())}>
                {texts.clearSelection}
              </Button>
              <Button
                small
                isDisabled={selected.every(({ disabled, graceEnds }) => disabled || graceEnds)}
                onPress={() =>
                  setAsked({
                    deed: "disable",
                    tokens: selected.filter(({ disabled, graceEnds }) => !disabled && !graceEnds),
                  })
                }
              >
                {texts.disable}
              </Button>
              <Button small kind="dangerQuiet" onPress={() => setAsked({ deed: "remove", tokens: selected })}>
                {texts.remove}
              </Button>
            </fieldset>
          )}
        </div>
      )}
      {rows.length === 0 ? (
        <Empty
          title={texts.noMatchTitle}
          actions={<Button onPress={() => show({ find: "", filters: [] })}>{texts.showAll}</Button>}
        >
          {texts.noMatch(all.length)}
        </Empty>
      ) : (
        <TokenTable
          rows={rows}
          sort={view.sort}
          onSort={(sort) => show({ sort })}
          chosen={chosen}
          onChoose={full ? (token, on) => choose([token], on) : undefined}
          onAsk={full ? (deed, token) => setAsked({ deed, tokens: [token] }) : undefined}
        />
      )}
      {asked && (
        <Ask
          profile={id}
          {...asked}
          onClose={() => setAsked(undefined)}
          onDone={() =>
            choose(
              asked.tokens.map((token) => token.id),
              false,
            )
          }
        />
      )}
    </>
  );
}
