import type { LucideIcon } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components/Button";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import styles from "./Button.module.css";

export type Kind = "primary" | "secondary" | "quiet" | "danger" | "dangerQuiet";

type Look = { kind?: Kind | undefined; small?: boolean | undefined; wide?: boolean | undefined };

export type ButtonProps = Omit<AriaProps, "className" | "style" | "children"> &
  Look & { children: ReactNode; icon?: LucideIcon | undefined; ref?: Ref<HTMLButtonElement> };

/** The class names of a button, for links that look like one. */
export function buttonClass({ kind = "secondary", small, wide }: Look): string {
  return classes(styles.button, styles[kind], small && styles.small, wide && styles.wide);
}

/**
 * A button. While it is pending it stays where it is, keeps the focus and does
 * nothing.
 */
export function Button({ kind, small, wide, icon: Icon, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonClass({ kind, small, wide })}>
      {props.isPending ? <span className={styles.spinner} aria-hidden /> : Icon && <Icon size="1rem" aria-hidden />}
      {children}
      {props.isPending && <span className="visually-hidden">{common.pending}</span>}
    </AriaButton>
  );
}
