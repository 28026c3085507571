import LayoutGrid from "lucide-react/icons/layout-grid";
import { Dialog } from "react-aria-components/Dialog";
import { Link } from "../kit/Link.tsx";
import { Popover } from "../kit/Popover.tsx";
import { shell as texts } from "../messages/en/shell.ts";
import { Finder } from "./Finder.tsx";
import type { PanelProps } from "./later.tsx";
import { useProfileGroups } from "./profiles.tsx";
import styles from "./Shell.module.css";

/** The profiles to switch to. A typed text is lost when the popover closes. */
export function SwitcherPanel({ button, onClose }: PanelProps) {
  const groups = useProfileGroups();
  return (
    <Popover dialog isOpen triggerRef={button} onOpenChange={onClose} placement="bottom start">
      <Dialog aria-label={texts.switcher} className={styles.finder}>
        <Finder
          label={texts.find}
          groups={groups}
          nothing={texts.noProfile}
          onChosen={onClose}
          foot={
            <Link to="/profiles" kind="quiet" small icon={LayoutGrid} onClick={onClose}>
              {texts.manage}
            </Link>
          }
        />
      </Dialog>
    </Popover>
  );
}
