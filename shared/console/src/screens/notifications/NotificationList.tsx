import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys, profilesQuery } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { useFormat } from "../../lib/format.ts";
import { notifications as texts } from "../../messages/en/notifications.ts";
import { joining } from "../../session/join.ts";
import { linkOf } from "./links.ts";
import styles from "./Notifications.module.css";
import { wordsOf } from "./words.ts";

type Row = components["schemas"]["NotificationRow"];

type Props = {
  rows: readonly Row[];
  compact?: boolean;
  /** An answer leads to another page. */
  onLeave?: () => void;
};

/** Notifications, each with its answers and its actions. */
export function NotificationList({ rows, compact, onLeave }: Props) {
  return (
    <ul className={classes(styles.list, !compact && styles.card)} aria-label={texts.list}>
      {rows.map((row) => (
        <Item key={row.id} row={row} compact={compact ?? false} onLeave={onLeave} />
      ))}
    </ul>
  );
}

type ItemProps = { row: Row; compact: boolean; onLeave: (() => void) | undefined };

function Item({ row, compact, onLeave }: ItemProps) {
  const router = useRouter();
  const { act, pending } = useAction();
  const [answered, setAnswered] = useState<string>();
  const { data: profiles = [] } = useQuery(profilesQuery);
  const link = linkOf(row, profiles);
  const { id, read, buttons = [], buttons_enabled } = row;
  const { title, message } = wordsOf(row, useFormat());
  const mark = (read: boolean) => api.PUT("/notification/read", { body: { notification_ids: [id], read } });
  // After accepting an invitation, the person is in the profile.
  const press = (button: "accept" | "refuse") =>
    act(
      async () => {
        const answer = () => api.PUT("/notification/{id}/{button}", { params: { path: { id, button } } });
        const joined = button === "accept" ? await joining(answer) : void (await answer());
        setAnswered(button === "accept" ? texts.accepted : texts.refused);
        if (joined === undefined) return;
        onLeave?.();
        await router.navigate({ to: "/p/$profile", params: { profile: joined } });
      },
      { done: button === "accept" ? texts.accepted : texts.refused, reread: [keys.notifications] },
    );
  return (
    <li className={styles.row}>
      <span className={classes(styles.dot, read && styles.read)} aria-hidden />
      <div className={styles.words}>
        <p className={styles.title}>
          {!read && <span className="visually-hidden">{texts.unread} </span>}
          {link ? (
            <Link
              to={link as "/profiles"}
              onClick={() => {
                onLeave?.();
                // A person who follows the link has read the notification.
                if (!read) void act(() => mark(true), { reread: [keys.notifications] });
              }}
            >
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        {message && <p className={styles.message}>{message}</p>}
        <p className={styles.time}>
          <Time at={row.created_at} as="relative" />
        </p>
        {buttons.length > 0 && !buttons_enabled && (
          <p className={styles.message} role="status">
            {answered ?? texts.closed}
          </p>
        )}
        {buttons_enabled && buttons.length > 0 && (
          <div className={styles.buttons}>
            {buttons.map((button, place) => (
              <Button
                key={button.id}
                small
                kind={place === 0 ? "primary" : "secondary"}
                isPending={pending}
                onPress={() => press(button.id as "accept" | "refuse")}
              >
                {button.label}
              </Button>
            ))}
          </div>
        )}
      </div>
      {!compact && !read && (
        <span className={styles.mark}>
          <Button
            kind="quiet"
            small
            isPending={pending}
            aria-label={texts.markReadName(title)}
            onPress={() => act(() => mark(true), { reread: [keys.notifications] })}
          >
            {texts.markRead}
          </Button>
        </span>
      )}
      <Menu
        label={texts.actions(title)}
        actions={[
          {
            id: "read",
            name: read ? texts.markUnread : texts.markRead,
            onAction: () => void act(() => mark(!read), { reread: [keys.notifications] }),
          },
          {
            id: "remove",
            name: texts.remove,
            danger: true,
            onAction: () =>
              void act(() => api.DELETE("/notification/{id}", { params: { path: { id } } }), {
                done: texts.removed,
                reread: [keys.notifications],
              }),
          },
        ]}
      >
        <IconButton small icon={Ellipsis} label={texts.actions(title)} />
      </Menu>
    </li>
  );
}
