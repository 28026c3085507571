import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import ChevronsUpDown from "lucide-react/icons/chevrons-up-down";
import LayoutGrid from "lucide-react/icons/layout-grid";
import { Button } from "react-aria-components/Button";
import { overviewQuery } from "../api/queries.ts";
import { Monogram } from "../kit/Monogram.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { Opened, SwitcherPanel, usePanel } from "./later.tsx";
import styles from "./Shell.module.css";

/** The profile that is open, and the way to the others. */
export function Switcher() {
  const { open, opener, panel } = usePanel("dialog");
  const { profile: id } = useParams({ strict: false });
  const { data: overview } = useQuery(overviewQuery);
  const current = overview?.profiles.find((profile) => profile.id === id);
  const name = current?.name ?? texts.allProfiles;
  return (
    <>
      <Button {...opener} className={styles.switch} aria-label={texts.switchProfile(name)}>
        {current ? (
          <Monogram id={current.id} name={current.name} logo={current.logo_url} size={24} />
        ) : (
          <LayoutGrid size="1.125rem" aria-hidden />
        )}
        <span>{name}</span>
        <ChevronsUpDown size="1rem" aria-hidden />
      </Button>
      <Opened when={open}>
        <SwitcherPanel {...panel} />
      </Opened>
    </>
  );
}
