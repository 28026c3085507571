import { useQuery } from "@tanstack/react-query";
import { Bell as BellIcon } from "lucide-react";
import { useRef, useState } from "react";
import { notificationsQuery } from "../api/queries.ts";
import { IconButton } from "../kit/IconButton.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { BellPanel, Opened } from "./later.tsx";
import styles from "./Shell.module.css";

/** How many notifications are unread, and the way to the newest. */
export function Bell() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { data } = useQuery({ ...notificationsQuery, refetchInterval: 60_000 });
  const unread = data?.filter(({ read }) => !read).length ?? 0;
  return (
    <span className={styles.bell}>
      <IconButton
        ref={button}
        icon={BellIcon}
        label={texts.notifications(unread)}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPress={() => setOpen(true)}
      />
      {unread > 0 && <span className={styles.dot} />}
      <Opened when={open}>
        <BellPanel button={button} onClose={() => setOpen(false)} />
      </Opened>
    </span>
  );
}
