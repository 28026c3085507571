import { Button } from "react-aria-components/Button";
import { shell as texts } from "../messages/en/shell.ts";
import { useSession } from "../session/store.ts";
import { Opened, PersonPanel, usePanel } from "./later.tsx";
import styles from "./Shell.module.css";

/** The person who is signed in, and the way to what is theirs. */
export function PersonMenu() {
  const { open, show, opener, panel } = usePanel("menu");
  const { name } = useSession();
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0]?.toLocaleUpperCase() ?? "")
    .join("");
  return (
    <>
      <Button
        {...opener}
        className={styles.person}
        aria-label={texts.person(name)}
        onKeyDown={({ key }) => key === "ArrowDown" && show()}
      >
        <span className={styles.avatar} aria-hidden>
          {initials}
        </span>
      </Button>
      <Opened when={open}>
        <PersonPanel {...panel} />
      </Opened>
    </>
  );
}
