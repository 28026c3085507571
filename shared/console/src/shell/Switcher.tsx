import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ChevronsUpDown, LayoutGrid } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { overviewQuery } from "../api/queries.ts";
import { Monogram } from "../kit/Monogram.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { Opened, SwitcherPanel } from "./later.tsx";
import styles from "./Shell.module.css";

/** The profile that is open, and the way to the others. */
export function Switcher() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { profile: id } = useParams({ strict: false });
  const { data: overview } = useQuery(overviewQuery);
  const current = overview?.profiles.find((profile) => profile.id === id);
  const name = current?.name ?? texts.allProfiles;
  return (
    <>
      <Button
        ref={button}
        className={styles.switch}
        aria-label={texts.switchProfile(name)}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPress={() => setOpen(true)}
      >
        {current ? (
          <Monogram id={current.id} name={current.name} logo={current.logo_url} size={24} />
        ) : (
          <LayoutGrid size={18} aria-hidden />
        )}
        <span>{name}</span>
        <ChevronsUpDown size={16} aria-hidden />
      </Button>
      <Opened when={open}>
        <SwitcherPanel button={button} onClose={() => setOpen(false)} />
      </Opened>
    </>
  );
}
