import type { LucideIcon } from "lucide-react";
import type { ReactElement } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Separator } from "react-aria-components/Separator";
import { classes } from "../lib/classes.ts";
import styles from "./Menu.module.css";
import { Popover } from "./Popover.tsx";

export type Action = {
  id: string;
  name: string;
  /** The action, or the reason why it is not possible now. */
  text?: string;
  icon?: LucideIcon;
  danger?: boolean;
  /** The action is not possible now; `text` has the reason. */
  disabled?: boolean;
  /** A line stands above it. */
  apart?: boolean;
  onAction?: () => void;
  href?: string;
};

type Props = {
  /** The name of the list for screen readers. */
  label: string;
  actions: readonly (Action | false | null | undefined)[];
  /** The button that opens it. */
  children: ReactElement;
};

/** A button that opens a list of actions. */
export function Menu({ label, actions, children }: Props) {
  const shown = actions.filter((action) => !!action);
  return (
    <MenuTrigger>
      {children}
      <Popover placement="bottom end">
        <AriaMenu
          aria-label={label}
          className={styles.list}
          disabledKeys={shown.filter((action) => action.disabled).map((action) => action.id)}
        >
          {shown.flatMap(({ id, name, text, icon: Icon, danger, apart, onAction, href }) => [
            apart && <Separator key={`${id} line`} className={styles.separator} />,
            <MenuItem
              key={id}
              id={id}
              textValue={name}
              {...(onAction && { onAction })}
              {...(href && { href })}
              className={classes(styles.item, danger && styles.danger)}
            >
              {Icon && <Icon size="1rem" aria-hidden />}
              <span className={styles.words}>
                {/* One text: what is in sight is the name. */}
                <span>{name}</span> {text && <span className={styles.text}>{text}</span>}
              </span>
            </MenuItem>,
          ])}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
