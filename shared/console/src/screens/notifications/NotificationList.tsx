import { Ellipsis } from "lucide-react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { notifications as texts } from "../../messages/en/notifications.ts";
import styles from "./Notifications.module.css";

type Row = components["schemas"]["NotificationRow"];

/** Notifications, each with its answers in place, and what can be done with it. */
export function NotificationList({ rows, compact }: { rows: readonly Row[]; compact?: boolean }) {
  return (
    <ul className={classes(styles.list, !compact && styles.card)} aria-label={texts.list}>
      {rows.map((row) => (
        <Item key={row.id} row={row} />
      ))}
    </ul>
  );
}

function Item({ row }: { row: Row }) {
  const { act, pending } = useAction();
  const { id, title = "", message, read, buttons = [], buttons_enabled } = row;
  const mark = (read: boolean) => api.PUT("/notification/read", { body: { notification_ids: [id], read } });
  return (
    <li className={styles.row}>
      <span className={classes(styles.dot, read && styles.read)} aria-hidden />
      <div className={styles.words}>
        <p className={styles.title}>
          {!read && <span className="visually-hidden">{texts.unread} </span>}
          {title}
        </p>
        {message && <p className={styles.message}>{message}</p>}
        <p className={styles.time}>
          <Time at={row.created_at} as="relative" />
        </p>
        {buttons_enabled && buttons.length > 0 && (
          <div className={styles.buttons}>
            {buttons.map((button, place) => (
              <Button
                key={button.id}
                small
                kind={place === 0 ? "primary" : "secondary"}
                isPending={pending}
                onPress={() =>
                  act(
                    () =>
                      api.PUT("/notification/{id}/{button}", {
                        params: { path: { id, button: button.id as "accept" | "refuse" } },
                      }),
                    {
                      done: texts.done(button.label),
                      reread: [keys.notifications, keys.profiles],
                    },
                  )
                }
              >
                {button.label}
              </Button>
            ))}
          </div>
        )}
      </div>
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
