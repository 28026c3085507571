import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ChevronsUpDown, LayoutGrid } from "lucide-react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { overviewQuery } from "../api/queries.ts";
import { Link } from "../kit/Link.tsx";
import { Monogram } from "../kit/Monogram.tsx";
import { Popover } from "../kit/Popover.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { Finder } from "./Finder.tsx";
import { useProfileGroups } from "./profiles.tsx";
import styles from "./Shell.module.css";

/** The profile that is open, and the way to the others. What was typed ends with the popover. */
export function Switcher() {
  const [open, setOpen] = useState(false);
  const { profile: id } = useParams({ strict: false });
  const { data: overview } = useQuery(overviewQuery);
  const groups = useProfileGroups();
  const current = overview?.profiles.find((profile) => profile.id === id);
  const name = current?.name ?? texts.allProfiles;
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button className={styles.switch} aria-label={texts.switchProfile(name)}>
        {current ? (
          <Monogram id={current.id} name={current.name} logo={current.logo_url} size={24} />
        ) : (
          <LayoutGrid size={18} aria-hidden />
        )}
        <span>{name}</span>
        <ChevronsUpDown size={16} aria-hidden />
      </Button>
      <Popover dialog placement="bottom start">
        <Dialog aria-label={texts.switcher} className={styles.finder}>
          <Finder
            label={texts.find}
            groups={groups}
            nothing={texts.noProfile}
            onChosen={() => setOpen(false)}
            foot={
              <Link to="/profiles" kind="quiet" small icon={LayoutGrid} onClick={() => setOpen(false)}>
                {texts.manage}
              </Link>
            }
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
