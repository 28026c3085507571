import { useQuery } from "@tanstack/react-query";
import BellIcon from "lucide-react/icons/bell";
import { notificationsQuery } from "../api/queries.ts";
import { IconButton } from "../kit/IconButton.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { BellPanel, Opened, usePanel } from "./later.tsx";
import styles from "./Shell.module.css";

/** How many notifications are unread, and the way to the newest. */
export function Bell() {
  const { open, opener, panel } = usePanel("dialog");
  const { data } = useQuery({ ...notificationsQuery, refetchInterval: 60_000 });
  const unread = data?.filter(({ read }) => !read).length ?? 0;
  return (
    <span className={styles.bell}>
      <IconButton {...opener} icon={BellIcon} label={texts.notifications(unread)} />
      {unread > 0 && <span className={styles.dot} />}
      <Opened when={open}>
        <BellPanel {...panel} />
      </Opened>
    </span>
  );
}
