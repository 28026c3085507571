import { useNavigate } from "@tanstack/react-router";
import Ban from "lucide-react/icons/ban";
import CircleCheck from "lucide-react/icons/circle-check";
import Ellipsis from "lucide-react/icons/ellipsis";
import Pencil from "lucide-react/icons/pencil";
import RefreshCw from "lucide-react/icons/refresh-cw";
import Trash2 from "lucide-react/icons/trash";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { type Column, type Sort, Table } from "../../kit/Table.tsx";
import { Time } from "../../kit/Values.tsx";
import { common } from "../../messages/en/common.ts";
import { permissions } from "../../messages/en/permissions.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { useProfile } from "../../shell/Profile.tsx";
import { Ends, LastUse, Networks, StateBadges } from "./Cells.tsx";
import { whyNotRotated } from "./Gone.tsx";
import { useMakers } from "./queries.ts";
import type { Deed } from "./TokenActions.tsx";
import styles from "./Tokens.module.css";
import type { SortId, Token, View } from "./tokens.ts";

type Props = {
  rows: readonly Token[];
  sort: View["sort"];
  onSort: (sort: View["sort"]) => void;
  chosen: ReadonlySet<string>;
  /** Without it, no token can be selected or changed. */
  onChoose: ((token: string, on: boolean) => void) | undefined;
  onAsk: ((deed: Deed, token: Token) => void) | undefined;
};

/** The tokens, each with its actions. */
export function TokenTable({ rows, sort, onSort, chosen, onChoose, onAsk }: Props) {
  const { id: profile, own } = useProfile();
  const { account } = useSession();
  const navigate = useNavigate();
  const makerOf = useMakers();
  const actionsOf = (token: Token) => {
    if (!onAsk) return [];
    const params = { profile, token: token.id };
    const why = whyNotRotated(token, account, true);
    return [
      token.by === account && {
        id: "rotate",
        name: texts.rotate,
        text: why ?? texts.rotateText,
        disabled: why !== undefined,
        icon: RefreshCw,
        onAction: () => void navigate({ to: "/p/$profile/tokens/$token/rotate", params }),
      },
      !token.graceEnds && {
        id: "edit",
        name: texts.edit,
        icon: Pencil,
        onAction: () => void navigate({ to: "/p/$profile/tokens/$token", params }),
      },
      !token.graceEnds &&
        (token.disabled
          ? { id: "enable", name: texts.enable, icon: CircleCheck, apart: true, onAction: () => onAsk("enable", token) }
          : { id: "disable", name: texts.disable, icon: Ban, apart: true, onAction: () => onAsk("disable", token) }),
      { id: "remove", name: texts.remove, icon: Trash2, danger: true, onAction: () => onAsk("remove", token) },
    ];
  };
  const columns: (Column<Token> | false)[] = [
    {
      id: "name",
      name: texts.name,
      primary: true,
      sortable: true,
      cell: (token) => (
        <span className={styles.name}>
          {onChoose && (
            <Checkbox isSelected={chosen.has(token.id)} onChange={(on) => onChoose(token.id, on)}>
              <span className="visually-hidden">{texts.select(token.name)}</span>
            </Checkbox>
          )}
          <span className={styles.names}>
            <span className={styles.title}>
              <Link to="/p/$profile/tokens/$token" params={{ profile, token: token.id }}>
                {token.name}
              </Link>
              <StateBadges token={token} />
            </span>
            <span className={styles.id}>{token.id}</span>
          </span>
        </span>
      ),
    },
    {
      id: "may",
      name: texts.may,
      cell: (token) => (
        <span className={styles.two}>
          <span>{permissions.names[token.permission]}</span>
          <span className={styles.quiet}>{token.scope === "profile" ? texts.onlyHere : texts.allProfiles}</span>
        </span>
      ),
    },
    { id: "from", name: texts.from, cell: (token) => <Networks token={token} /> },
    { id: "used", name: texts.used, sortable: true, cell: (token) => <LastUse token={token} /> },
    {
      id: "ends",
      name: texts.ends,
      sortable: true,
      cell: (token) =>
        token.graceEnds ? (
          <span className={styles.two}>
            <span className={styles.quiet}>{texts.worksUntil}</span>
            <Time at={token.graceEnds} as="relative" />
          </span>
        ) : (
          <Ends token={token} />
        ),
    },
    {
      id: "made",
      name: texts.made,
      sortable: true,
      cell: (token) => (
        <span className={styles.two}>
          <Time at={token.made} as="date" />
          {own && <span className={styles.quiet}>{texts.byWho(makerOf(token))}</span>}
        </span>
      ),
    },
    !!onAsk && {
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: (token) => (
        <Menu label={common.actions(token.name)} actions={actionsOf(token)}>
          <IconButton small icon={Ellipsis} label={common.actions(token.name)} />
        </Menu>
      ),
    },
  ];
  return (
    <Table
      label={texts.list}
      columns={columns}
      rows={rows}
      rowKey={({ id }) => id}
      sort={sort}
      onSort={({ by, down }: Sort) => onSort({ by: by as SortId, down })}
    />
  );
}
