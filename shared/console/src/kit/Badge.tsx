import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "../lib/classes.ts";
import styles from "./Badge.module.css";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad";

/**
 * A word or two about the state of a thing. The words have all the information;
 * the colour only helps to find it.
 */
export function Badge({
  tone = "plain",
  icon: Icon,
  children,
}: {
  tone?: Tone;
  icon?: LucideIcon;
  children: ReactNode;
}) {
  return (
    <span className={classes(styles.badge, styles[tone])}>
      {Icon && <Icon size="0.75rem" aria-hidden />}
      {children}
    </span>
  );
}
