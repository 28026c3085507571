import { useQuery } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { api } from "../api/index.ts";
import { keys, notificationsQuery } from "../api/queries.ts";
import { Button } from "../kit/Button.tsx";
import { IconButton } from "../kit/IconButton.tsx";
import { Link } from "../kit/Link.tsx";
import { Popover } from "../kit/Popover.tsx";
import { Loaded } from "../kit/States.tsx";
import { useAction } from "../kit/useAction.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { NotificationList } from "../screens/notifications/NotificationList.tsx";
import styles from "./Shell.module.css";

/** The newest notifications, and how many of them are unread. */
export function Bell() {
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...notificationsQuery, refetchInterval: 60_000 });
  const { act, pending } = useAction();
  const unread = query.data?.filter(({ read }) => !read).length ?? 0;
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <span className={styles.bell}>
        <IconButton icon={BellIcon} label={texts.notifications(unread)} />
        {unread > 0 && <span className={styles.dot} />}
      </span>
      <Popover dialog placement="bottom end">
        <Dialog className={styles.bellPanel}>
          <div className={styles.bellHead}>
            <Heading slot="title" level={2}>
              {texts.notificationsTitle}
            </Heading>
            {unread > 0 && (
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
                  <NotificationList rows={rows} compact onLeave={() => setOpen(false)} />
                )
              }
            </Loaded>
          </div>
          <div className={styles.finderFoot}>
            <Link to="/notifications" kind="quiet" small onClick={() => setOpen(false)}>
              {texts.allNotifications}
            </Link>
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
