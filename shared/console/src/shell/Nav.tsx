import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../api/queries.ts";
import { Link } from "../kit/Link.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { useSession } from "../session/store.ts";
import { accountPages, type NavItem, pagesOf } from "./nav.ts";
import styles from "./Shell.module.css";

/**
 * The pages of the profile that is open, and below them those of the account.
 */
export function Nav({ profile }: { profile: string | undefined }) {
  const session = useSession();
  const { data: overview } = useQuery(overviewQuery);
  const open = overview?.profiles.find(({ id }) => id === profile);
  const name = open?.name ?? "";
  return (
    <div className={styles.groups}>
      {profile && (
        <Group
          name={name}
          label={texts.profileNavigation(name)}
          items={pagesOf(open?.role === "owner", open?.permission)}
          base={`/p/${profile}`}
        />
      )}
      <Group
        name={texts.accountNavigation}
        label={texts.accountNavigation}
        items={accountPages.filter(({ when, hidden }) => !hidden && (!when || when(session)))}
        base=""
      />
    </div>
  );
}

function Group({ name, label, items, base }: { name: string; label: string; items: readonly NavItem[]; base: string }) {
  return (
    <nav aria-label={label} className={styles.group}>
      <p className={styles.groupName} aria-hidden>
        {name}
      </p>
      {items.map(({ name, icon: Icon, path }) => (
        <Link
          key={path}
          to={(base + path) as "/profiles"}
          activeOptions={{ exact: path === "" }}
          className={styles.item}
        >
          <Icon size="1rem" aria-hidden />
          {name}
        </Link>
      ))}
    </nav>
  );
}
