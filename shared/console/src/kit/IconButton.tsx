import type { LucideIcon } from "lucide-react";
import type { Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { classes } from "../lib/classes.ts";
import styles from "./Button.module.css";
import type { Kind } from "./Button.tsx";

type IconButtonProps = Omit<AriaProps, "className" | "style" | "children" | "aria-label"> & {
  /** The action of the button: its name, and its tooltip on hover and focus. */
  label: string;
  icon: LucideIcon;
  kind?: Kind;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

/** A button that shows an icon and is named by a label. */
export function IconButton({ label, icon: Icon, kind = "quiet", small, ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={400} closeDelay={0}>
      <AriaButton
        {...props}
        aria-label={label}
        className={classes(styles.button, styles[kind], styles.icon, small && styles.small)}
      >
        <Icon size="1.125rem" aria-hidden />
      </AriaButton>
      <Tooltip className={styles.tip} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
