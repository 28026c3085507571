import type { ReactNode } from "react";
import { Popover as AriaPopover, type PopoverProps } from "react-aria-components/Popover";
import { classes } from "../lib/classes.ts";
import styles from "./Popover.module.css";

type Props = Omit<PopoverProps, "className" | "style" | "children"> & {
  children: ReactNode;
  wide?: boolean;
  dialog?: boolean;
};

// A dialog in a popover has a name of its own; that of its button, which the
// popover would get, is a name without a role.
const unnamed = { "aria-labelledby": "" };

/**
 * Content that opens beside its button. With `wide` it is at least as wide as
 * the button. `dialog` says that it contains a dialog.
 */
export function Popover({ wide, dialog, children, ...props }: Props) {
  return (
    <AriaPopover
      offset={6}
      {...(dialog && unnamed)}
      {...props}
      className={classes(styles.popover, wide && styles.wide)}
    >
      {children}
    </AriaPopover>
  );
}
