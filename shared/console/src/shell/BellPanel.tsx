import { useQuery } from "@tanstack/react-query";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { api } from "../api/index.ts";
import { keys, notificationsQuery } from "../api/queries.ts";
import { Button } from "../kit/Button.tsx";
import { Link } from "../kit/Link.tsx";
import { Popover } from "../kit/Popover.tsx";
import { Loaded } from "../kit/States.tsx";
import { useAction } from "../kit/useAction.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { NotificationList } from "../screens/notifications/NotificationList.tsx";
import type { PanelProps } from "./later.tsx";
import styles from "./Shell.module.css";

/** The newest notifications. */
export function BellPanel({ button, onClose }: PanelProps) {
  const query = useQuery(notificationsQuery);
  const { act, pending } = useAction();
  const unread = query.data?.some(({ read }) => !read) ?? false;
  return (
    <Popover dialog isOpen triggerRef={button} onOpenChange={onClose} placement="bottom end">
      <Dialog className={styles.bellPanel}>
        <div className={styles.bellHead}>
          <Heading slot="title" level={2}>
            {texts.notificationsTitle}
          </Heading>
          {unread && (
            <Button
              kind="quiet"
              small
              isPending={pending}
              onPress={() =>
                act(() => api.PUT("/notification/markallread"), {
                  done: texts.markedRead,
                  reread: [keys.notifications],
                })
              }
            >
              {texts.markAllRead}
            </Button>
          )}
        </div>
        <div className={styles.bellBody}>
          <Loaded query={query}>
            {(rows) =>
              rows.length === 0 ? (
                <p className={styles.bellEmpty}>{texts.noNotifications}</p>
              ) : (
                <NotificationList rows={rows} compact onLeave={onClose} />
              )
            }
          </Loaded>
        </div>
        <div className={styles.finderFoot}>
          <Link to="/notifications" kind="quiet" small onClick={onClose}>
            {texts.allNotifications}
          </Link>
        </div>
      </Dialog>
    </Popover>
  );
}
