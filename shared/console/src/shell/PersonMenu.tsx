import { useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { shell as texts } from "../messages/en/shell.ts";
import { useSession } from "../session/store.ts";
import { Opened, PersonPanel } from "./later.tsx";
import styles from "./Shell.module.css";

/** The person who is signed in, and the way to what is theirs. */
export function PersonMenu() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { name } = useSession();
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0]?.toLocaleUpperCase() ?? "")
    .join("");
  return (
    <>
      <Button
        ref={button}
        className={styles.person}
        aria-label={texts.person(name)}
        aria-haspopup="menu"
        aria-expanded={open}
        onPress={() => setOpen(true)}
        onKeyDown={({ key }) => key === "ArrowDown" && setOpen(true)}
      >
        <span className={styles.avatar} aria-hidden>
          {initials}
        </span>
      </Button>
      <Opened when={open}>
        <PersonPanel button={button} onClose={() => setOpen(false)} />
      </Opened>
    </>
  );
}
